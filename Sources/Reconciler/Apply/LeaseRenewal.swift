package import Store
import Synchronization

/// How the renewal of a lease goes while something runs under it.
package final class LeaseRenewal: Sendable {
    /// Since when it fails, and why it did the last time.
    package struct Failure: Sendable, Equatable {
        package let since: UnixTime
        package let reason: String
    }

    private let state = Mutex<Failure?>(nil)

    /// nil while the lease is renewed in time.
    package var failure: Failure? { state.withLock { $0 } }

    /// - Returns: the failure, as of the first time in a row, and whether this was that time.
    func fail(_ reason: String, now: UnixTime) -> (failure: Failure, isFirst: Bool) {
        state.withLock { state in
            let isFirst = state == nil
            let failure = Failure(since: state?.since ?? now, reason: reason)
            state = failure
            return (failure, isFirst)
        }
    }

    /// - Returns: what is over with that.
    func succeed() -> Failure? {
        state.withLock { state in
            defer { state = nil }
            return state
        }
    }
}
