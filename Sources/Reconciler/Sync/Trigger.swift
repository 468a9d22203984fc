import Synchronization

/// Asks a loop to run now. Asking several times before it does is asking once; asking while it runs makes it run again.
final class Trigger: Sendable {
    private struct State {
        var isRaised = false
        var waiter: (id: Int, continuation: CheckedContinuation<Void, Never>)?
        var lastID = 0
    }

    private let state = Mutex(State())

    func raise() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            defer { state.waiter = nil }
            if state.waiter == nil { state.isRaised = true }
            return state.waiter?.continuation
        }
        waiter?.resume()
    }

    /// Forgets that it was raised.
    func lower() { state.withLock { $0.isRaised = false } }

    /// Returns when it is raised, or was since the last wait; also when the task is cancelled.
    ///
    /// - Precondition: one task waits at a time.
    func wait() async {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    if state.isRaised || Task.isCancelled {
                        state.isRaised = false
                        return true
                    }
                    precondition(state.waiter == nil, "two tasks wait for one trigger")
                    state.waiter = (id, continuation)
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
                guard let waiter = state.waiter, waiter.id == id else { return nil }
                state.waiter = nil
                return waiter.continuation
            }
            waiter?.resume()
        }
    }
}
