import Synchronization

/// A value that tests wait for: whoever waits looks again after every change.
package final class Watched<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
        var next = 0
    }

    private let state: Mutex<State>

    package init(_ value: Value) { state = Mutex(State(value: value)) }

    package var value: Value { state.withLock(\.value) }

    @discardableResult
    package func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        let (result, watchers) = state.withLock { state in
            (body(&state.value), Array(state.watchers.values))
        }
        for watcher in watchers { watcher.yield() }
        return result
    }

    /// The first value that meets the condition.
    ///
    /// - Throws: `CancellationError` when the test's time limit ends the task.
    package func wait(until condition: @Sendable (Value) -> Bool) async throws -> Value {
        // One change that is not looked at yet is enough to look again.
        let (changes, watcher) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.next += 1
            state.watchers[state.next] = watcher
            return state.next
        }
        defer { _ = state.withLock { $0.watchers.removeValue(forKey: id) } }
        watcher.yield()
        for await _ in changes {
            let value = value
            if condition(value) { return value }
        }
        throw CancellationError()
    }
}
