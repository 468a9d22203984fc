import Synchronization

/// Wakes one waiting loop. Raised while nobody waits, it lets the next wait through at once; raised often, it counts
/// once.
package final class Nudge: Sendable {
    private struct State {
        var isRaised = false
        var waiter: (id: Int, continuation: CheckedContinuation<Void, Never>)?
        var lastID = 0
    }

    private let state = Mutex(State())

    package init() {}

    package func raise() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            if state.waiter == nil { state.isRaised = true }
            return state.waiter?.continuation
        }
        waiter?.resume()
    }

    /// Forgets that it was raised.
    package func lower() { state.withLock { $0.isRaised = false } }

    /// Returns when raised, when the time has passed, or when the task is cancelled.
    package func wait(atMost duration: Duration, _ clock: any WallClock) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            // A cancelled sleep is the end of the wait, not an error.
            group.addTask { try? await clock.sleep(for: duration) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Returns when raised, or when the task is cancelled; whoever is cancelled leaves it raised for the next.
    ///
    /// - Precondition: one task waits at a time.
    package func wait() async {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isThrough = state.withLock { state in
                    if state.isRaised || Task.isCancelled {
                        state.isRaised = state.isRaised && Task.isCancelled
                        return true
                    }
                    precondition(state.waiter == nil, "two tasks wait for one nudge")
                    state.waiter = (id, continuation)
                    return false
                }
                if isThrough { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
                // The end of an earlier wait says nothing about a later one.
                guard state.waiter?.id == id else { return nil }
                defer { state.waiter = nil }
                return state.waiter?.continuation
            }
            waiter?.resume()
        }
    }
}
