/// Why a plan must not be applied as it is.
package struct Refusal: Sendable, Equatable {
    /// Stable words, for `status`, metrics and scripts.
    package enum Code: String, Sendable, CaseIterable {
        /// The desired state is empty although resources are live.
        case emptyState = "empty"
        /// Too many resources would go at once.
        case massDelete = "mass-delete"
        /// A resource that would go is protected.
        case protected
        /// The commit does not descend from the applied one.
        case rewrittenHistory = "history"
        /// A commit is not signed by somebody who may.
        case signature
        /// A rollback pins an earlier revision.
        case pinned
        /// Somebody has suspended syncing, or a resource on which the plan depends.
        case suspended
    }

    package let code: Code
    package let message: String
    package let hint: String

    package init(_ code: Code, _ message: String, hint: String) {
        self.code = code
        self.message = message
        self.hint = hint
    }
}
