import GitSource
import Resources
import Store

extension SyncFailure {
    /// Says what went wrong in the words of the part that it went wrong in.
    ///
    /// - Parameter reason: where nothing more precise is known.
    static func wrapping(_ error: any Error, _ reason: Reason, commit: String? = nil) -> SyncFailure {
        switch error {
        case let error as SyncFailure: error
        case let error as GitError: SyncFailure(reason, error.message, hint: error.hint, commit: commit)
        case let error as StoreError: SyncFailure(.state, error.description, hint: error.hint, commit: commit)
        default: SyncFailure(reason, "\(error)", commit: commit)
        }
    }
}

extension InvalidConfiguration {
    /// How many errors there are, and the first one.
    var summary: String {
        guard let first = errors.first else { return description }
        return "\(description): \(first.position): \(first.message)"
    }
}
