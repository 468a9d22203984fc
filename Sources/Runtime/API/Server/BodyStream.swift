import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import ServiceLifecycle

/// The body of a request as it arrives, within bounds of size and time.
///
/// Nobody reads ahead: while a chunk is worked on, the sender waits.
struct BodyStream: Sendable {
    /// The body did not arrive in time.
    struct Timeout: Error {}
    /// The connection ended before the body did, or went on with what is not HTTP.
    struct Truncated: Error {}

    private let body: RequestBody
    /// What the sender said; nil for a body in chunks.
    let declaredLength: Int?
    private let timeout: Duration
    /// Called before the first chunk is waited for.
    private let onStart: @Sendable () -> Void

    /// What a body that is on its way gets when the process stops; a sender that is slow must not hold that up.
    private static let grace = Duration.seconds(1)

    init(_ request: Request, timeout: Duration, onStart: @escaping @Sendable () -> Void) {
        self.onStart = onStart
        body = request.body
        declaredLength = request.headers[.contentLength].flatMap { Int($0) }
        self.timeout = timeout
    }

    /// Hands on one chunk after the other.
    ///
    /// - Throws: `Problem` 413 beyond `limit` bytes, 431 for trailers beyond the limits of a header, and 503 when the process
    ///   stops; `Timeout`, `Truncated`, and what `consume` throws.
    func forEach(limit: Int, _ consume: @escaping @Sendable (ByteBuffer) async throws -> Void) async throws {
        if let declaredLength, declaredLength > limit { throw Problem.tooLarge(limit) }
        onStart()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var count = 0
                var chunks = body.makeAsyncIterator()
                while let chunk = try await Self.next(&chunks) {
                    count += chunk.readableBytes
                    guard count <= limit else { throw Problem.tooLarge(limit) }
                    try await consume(chunk)
                }
                try Task.checkCancellation()
                // A connection that is lost looks like an end.
                if let declaredLength, count < declaredLength { throw Truncated() }
            }
            group.addTask {
                try await ContinuousClock().sleep(for: timeout)
                throw Timeout()
            }
            group.addTask {
                try await gracefulShutdown()
                try await ContinuousClock().sleep(for: Self.grace)
                throw Problem.unavailable("the process is stopping")
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private static func next(_ chunks: inout RequestBody.AsyncIterator) async throws -> ByteBuffer? {
        do {
            return try await chunks.next()
        } catch let error as CancellationError {
            throw error
        } catch HTTPParserError.headerOverflow {
            // The trailers: the header was read before.
            throw Problem.headersTooLarge
        } catch {
            // The parser's errors and the connection's: the sender's doing, whatever it was.
            throw Truncated()
        }
    }

    /// The whole body.
    func collect(limit: Int) async throws -> ByteBuffer {
        let whole = BufferBox()
        try await forEach(limit: limit) { await whole.append($0) }
        return await whole.buffer
    }

    private actor BufferBox {
        var buffer = ByteBuffer()

        func append(_ chunk: ByteBuffer) { buffer.writeImmutableBuffer(chunk) }
    }
}
