import Synchronization

/// What became of requests and could not be written yet.
package struct Unrecorded: Sendable, Equatable {
    package let results: Int
    /// Of the last one that failed.
    package let reason: String
}

/// Counts the results that are tried again, as long as they cannot be written.
final class UnrecordedResults: Sendable {
    private let state = Mutex<(count: Int, reason: String)>((0, ""))

    /// nil when everything is written.
    var current: Unrecorded? {
        let (count, reason) = state.withLock(\.self)
        return count > 0 ? Unrecorded(results: count, reason: reason) : nil
    }

    func failed(_ error: any Error, isFirst: Bool) {
        state.withLock { state in
            if isFirst { state.count += 1 }
            state.reason = "\(error)"
        }
    }

    /// One that had failed is written at last.
    func recovered() { state.withLock { $0.count -= 1 } }
}
