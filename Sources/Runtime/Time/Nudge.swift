import Store
import Synchronization

/// Wakes one waiting loop. Raised while nobody waits, it lets the next wait through at once; raised often, it counts
/// once.
final class Nudge: Sendable {
    private struct State {
        var isRaised = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func raise() {
        let waiter = state.withLock { state in
            guard let waiter = state.waiter else {
                state.isRaised = true
                return nil as CheckedContinuation<Void, Never>?
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }

    /// Returns when raised, when the time has passed, or when the task is cancelled.
    func wait(atMost duration: Duration, _ clock: any WallClock) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            // A cancelled sleep is the end of the wait, not an error.
            group.addTask { try? await clock.sleep(for: duration) }
            await group.next()
            group.cancelAll()
        }
    }

    private func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isThrough = state.withLock { state in
                    if state.isRaised || Task.isCancelled {
                        state.isRaised = state.isRaised && Task.isCancelled
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if isThrough { continuation.resume() }
            }
        } onCancel: {
            state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }?.resume()
        }
    }
}
