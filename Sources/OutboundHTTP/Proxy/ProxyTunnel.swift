import NIOCore

/// A proxy's answer to `CONNECT`, read until the tunnel stands or fails.
struct ProxyTunnel {
    enum Step: Equatable { case wait, open, failed(String) }

    private var parser: ResponseParser
    private var received = ByteBuffer()

    init(limits: ClientLimits) {
        parser = ResponseParser(maxHeadBytes: limits.maxHeadBytes, maxHeadFields: limits.maxHeadFields)
        // As with `HEAD`, what the fields say of a body does not count (RFC 9110, section 9.3.6).
        parser.begin(method: .head)
    }

    /// Nothing may follow the head before we have spoken: it would stem from the proxy, not from the target.
    mutating func received(_ bytes: ByteBuffer) -> Step {
        received.writeImmutableBuffer(bytes)
        switch parser.next(from: &received) {
        case .needMore: return .wait
        case .violation(let violation):
            return .failed("the proxy's answer is not HTTP: \(violation.rawValue)")
        case .head where !(200..<300).contains(parser.status):
            return .failed("the proxy answered \(parser.status)")
        case .head, .body, .end:
            return received.readableBytes == 0 ? .open : .failed(ProtocolViolation.unsolicited.rawValue)
        }
    }
}
