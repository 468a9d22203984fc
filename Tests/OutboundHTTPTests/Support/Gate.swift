/// A signal that is waited for by one task and may come first.
final class Gate: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func open() { continuation.yield() }

    func wait() async {
        for await _ in stream { return }
    }
}
