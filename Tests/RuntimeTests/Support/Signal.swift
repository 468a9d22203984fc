/// Values that one side sends and the other waits for, in order.
struct Signal<Value: Sendable>: Sendable {
    struct Ended: Error {}

    private let stream: AsyncStream<Value>
    private let continuation: AsyncStream<Value>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func send(_ value: Value) { continuation.yield(value) }

    /// Whoever waits waits in vain.
    func end() { continuation.finish() }

    /// The next value; waits for it. One caller at a time.
    func next() async throws -> Value {
        for await value in stream { return value }
        throw Ended()
    }
}
