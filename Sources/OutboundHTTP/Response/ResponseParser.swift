import NIOCore

/// Reads the answer to one request after another from a connection's bytes (RFC 9112): strict where two
/// readers could disagree, bounded everywhere. Informational answers are skipped. Knows no I/O.
struct ResponseParser {
    enum Event {
        /// All complete pieces were read; call again with more behind the unread bytes.
        case needMore
        /// The final head: `head` is valid until `begin`.
        case head
        case body(ByteBuffer)
        case end
        case violation(ProtocolViolation)
    }

    private enum State { case idle, head, body(left: Int), chunks, untilClose }

    private var state = State.idle
    private var method = HTTPMethod.get
    private var budget: HeadBudget
    private var headParser: HeadParser
    private var chunks = ChunkedParser()

    init(maxHeadBytes: Int, maxHeadFields: Int) {
        budget = HeadBudget(limit: maxHeadBytes)
        headParser = HeadParser(maxFields: maxHeadFields)
    }

    /// Expects the answer to a request of that method.
    mutating func begin(method: HTTPMethod) {
        self.method = method
        budget.reset()
        headParser.reset()
        chunks = ChunkedParser()
        state = .head
    }

    var status: Int { headParser.status }
    var headers: ResponseHeaders { ResponseHeaders(lines: headParser.lines) }
    var keepsAlive: Bool {
        headParser.framing.keepsAlive(minorVersion: headParser.minorVersion) && !endsAtClose
    }
    var keepAliveSeconds: Int? { headParser.framing.keepAliveSeconds }

    /// Whether the end of the connection is the end of the body.
    var endsAtClose: Bool {
        if case .untilClose = state { true } else { false }
    }

    /// Reads the next piece and moves the buffer's reader behind it.
    mutating func next(from buffer: inout ByteBuffer) -> Event {
        switch state {
        case .idle: buffer.readableBytes == 0 ? .needMore : .violation(.unsolicited)
        case .head: nextHead(from: &buffer)
        case .body(let left): nextOfLength(left, from: &buffer)
        case .chunks: nextChunk(from: &buffer)
        case .untilClose:
            buffer.readSlice(length: buffer.readableBytes).flatMap { $0.readableBytes > 0 ? .body($0) : nil }
                ?? .needMore
        }
    }

    private mutating func nextHead(from buffer: inout ByteBuffer) -> Event {
        while true {
            let (count, result) = buffer.withUnsafeReadableBytes { headParser.consume($0, budget: &budget) }
            buffer.moveReaderIndex(forwardBy: count)
            switch result {
            case .needMore: return .needMore
            case .violation(let violation): return .violation(violation)
            case .complete where headParser.status == 101: return .violation(.switchedProtocol)
            case .complete where headParser.status < 200: headParser.reset()
            case .complete: return frameBody()
            }
        }
    }

    private mutating func frameBody() -> Event {
        switch headParser.framing.body(status: status, method: method, minorVersion: headParser.minorVersion)
        {
        case .failure(let violation): return .violation(violation)
        case .success(.length(let length)): state = .body(left: length)
        case .success(.chunked): state = .chunks
        case .success(.untilClose): state = .untilClose
        }
        return .head
    }

    private mutating func nextOfLength(_ left: Int, from buffer: inout ByteBuffer) -> Event {
        if left == 0 { return end() }
        guard let slice = buffer.readSlice(length: min(left, buffer.readableBytes)), slice.readableBytes > 0
        else { return .needMore }
        state = .body(left: left - slice.readableBytes)
        return .body(slice)
    }

    private mutating func nextChunk(from buffer: inout ByteBuffer) -> Event {
        let (count, step) = buffer.withUnsafeReadableBytes { chunks.consume($0, budget: &budget) }
        buffer.moveReaderIndex(forwardBy: count)
        switch step {
        case .needMore: return .needMore
        case .violation(let violation): return .violation(violation)
        case .end: return end()
        case .data(let length): return buffer.readSlice(length: length).map(Event.body) ?? .needMore
        }
    }

    private mutating func end() -> Event {
        state = .idle
        return .end
    }
}
