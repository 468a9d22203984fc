import NIOCore

/// The life of a connection that is ready for requests, as a pure state machine: what happened goes in, what
/// to do comes out.
///
/// A request that the receiver surely did not process may be sent again (RFC 9112, section 9.3.1). That is so
/// when the connection had served requests before (an idle connection may be closed by the receiver at any
/// moment), not a byte came back, and either the request's last byte never left for the operating system, so
/// that no whole request can have arrived, or the request is repeatable.
struct ConnectionState {
    /// What the shell has to do.
    enum Action {
        case wait
        /// The exchange is over; the connection is free for another one, for so many seconds if the receiver
        /// said so.
        case finish(Answer, idleSeconds: Int?)
        /// The exchange is over and so is the connection.
        case finishAndClose(Answer)
        /// No exchange was under way.
        case close
    }

    /// What came of an exchange.
    enum Answer {
        case response(CapturedResponse)
        /// Surely not processed: send it again on a fresh connection.
        case unprocessed
        case failure(OutboundFailure.Class, String)
    }

    private enum Phase { case idle, writing, awaitingHead, receiving, closed }

    private var phase = Phase.idle
    private var parser: ResponseParser
    /// Bytes of an incomplete line.
    private var unread: ByteBuffer?
    private var capture = BodyCapture(limit: 0)
    private var isRepeatable = false
    private var isReused = false
    private var hasReceived = false

    init(maxHeadBytes: Int, maxHeadFields: Int) {
        parser = ResponseParser(maxHeadBytes: maxHeadBytes, maxHeadFields: maxHeadFields)
    }

    var isIdle: Bool { phase == .idle }

    /// Whether a byte of the answer has come.
    var hasReceivedAnything: Bool { hasReceived }

    /// A request is about to be written.
    mutating func begin(method: HTTPMethod, bodyLimit: Int, isRepeatable: Bool, isReused: Bool) {
        precondition(phase == .idle, "one exchange at a time")
        phase = .writing
        parser.begin(method: method)
        capture = BodyCapture(limit: bodyLimit)
        self.isRepeatable = isRepeatable
        self.isReused = isReused
        hasReceived = false
    }

    /// The request was handed to the operating system, or at least its first part.
    mutating func wrote() {
        if phase == .writing { phase = .awaitingHead }
    }

    /// Bytes came.
    ///
    /// - Parameter hasUnsentBytes: whether a part of the request still waits to be written. An answer that overtakes it
    ///   counts, but the connection is of no further use.
    mutating func received(_ bytes: ByteBuffer, hasUnsentBytes: Bool) -> Action {
        guard phase != .idle else { return closeIdle() }
        guard phase != .closed else { return .wait }
        hasReceived = true
        var buffer = takeUnread(joinedWith: bytes)
        while true {
            switch parser.next(from: &buffer) {
            case .needMore:
                unread = buffer.readableBytes > 0 ? buffer : nil
                return .wait
            case .head: phase = .receiving
            case .body(let slice): if !capture.append(slice) { return finishClosing(.limit) }
            case .violation(let violation): return broken(violation)
            case .end: return complete(isClean: buffer.readableBytes == 0 && !hasUnsentBytes)
            }
        }
    }

    /// TLS broke down: the receiver refused our certificate, or sent what is not TLS.
    mutating func securityFailed(_ reason: String) -> Action {
        phase == .writing || phase == .awaitingHead
            ? abandon(.tls, reason) : ended(isOrderly: false, reason: reason)
    }

    /// The connection ended; `isOrderly` when the receiver said so (FIN, and with TLS `close_notify`).
    mutating func ended(isOrderly: Bool, reason: String?) -> Action {
        defer { phase = .closed }
        switch phase {
        case .closed: return .wait
        case .idle: return .close
        case .writing: return failWithoutHead(couldRepeat: true, reason)
        case .awaitingHead: return failWithoutHead(couldRepeat: isRepeatable, reason)
        case .receiving where parser.endsAtClose && isOrderly: return .finishAndClose(response(nil))
        case .receiving: return .finishAndClose(response(.closed))
        }
    }

    /// The exchange's deadline passed.
    mutating func deadlinePassed() -> Action {
        switch phase {
        case .closed, .idle: return .wait
        case .receiving: return finishClosing(.deadline)
        case .writing, .awaitingHead:
            phase = .closed
            return .finishAndClose(.failure(.timeout, "no answer before the deadline"))
        }
    }

    /// Nobody wants the answer any more.
    mutating func abandon(_ kind: OutboundFailure.Class, _ reason: String) -> Action {
        guard phase != .closed, phase != .idle else { return closeIdle() }
        phase = .closed
        return .finishAndClose(.failure(kind, reason))
    }

    // MARK: - Steps

    private mutating func closeIdle() -> Action {
        phase = .closed
        return .close
    }

    private mutating func takeUnread(joinedWith bytes: ByteBuffer) -> ByteBuffer {
        guard var buffer = unread else { return bytes }
        unread = nil
        buffer.writeImmutableBuffer(bytes)
        return buffer
    }

    private mutating func complete(isClean: Bool) -> Action {
        guard isClean, parser.keepsAlive else { return finishClosing(nil) }
        phase = .idle
        return .finish(response(nil), idleSeconds: parser.keepAliveSeconds)
    }

    private mutating func finishClosing(_ truncation: Truncation?) -> Action {
        phase = .closed
        return .finishAndClose(response(truncation))
    }

    private mutating func broken(_ violation: ProtocolViolation) -> Action {
        if phase == .receiving { return finishClosing(.malformed) }
        phase = .closed
        return .finishAndClose(.failure(.protocol, violation.rawValue))
    }

    private func failWithoutHead(couldRepeat: Bool, _ reason: String?) -> Action {
        if isReused, couldRepeat, !hasReceived { return .finishAndClose(.unprocessed) }
        let what =
            hasReceived
            ? "the connection ended within the head of the answer" : "the connection ended without an answer"
        return .finishAndClose(.failure(.reset, reason.map { "\(what): \($0)" } ?? what))
    }

    private func response(_ truncation: Truncation?) -> Answer {
        .response(
            CapturedResponse(
                status: parser.status, headers: parser.headers, body: capture.bytes, truncation: truncation))
    }
}

/// What was kept of an answer.
struct CapturedResponse {
    let status: Int
    let headers: ResponseHeaders
    let body: ByteBuffer
    let truncation: Truncation?
}
