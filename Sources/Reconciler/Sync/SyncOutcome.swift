package import Resources

/// What one round of syncing came to.
package enum SyncOutcome: Sendable {
    /// The live state is what the commit says.
    case upToDate(SourceRevision)
    case applied(Plan, serial: Int64)
    /// Safety rules hold the commit back; the last good configuration keeps running.
    case held(Plan, [Refusal])
    /// The last good configuration keeps running.
    case failed(SyncFailure)

    /// Whether the same files and the same live state give the same outcome again.
    var isSettled: Bool {
        switch self {
        case .upToDate, .held: true
        case .applied: false
        case .failed(let failure):
            failure.reason == .invalid && !failure.diagnostics.contains { $0.code == .unreadableFile }
        }
    }

    /// Whether the live state is what the files say.
    var isLive: Bool {
        switch self {
        case .upToDate, .applied: true
        case .held, .failed: false
        }
    }

    package var isFailure: Bool {
        if case .failed = self { true } else { false }
    }

    /// Whether the next round should wait longer than usual. Files with errors are waited for like any other change:
    /// what mends them is the next commit.
    var backsOff: Bool {
        if case .failed(let failure) = self { failure.reason != .invalid } else { false }
    }
}

/// Why a round did not get as far as a plan, or not beyond one.
package struct SyncFailure: Error, Sendable, CustomStringConvertible {
    /// Stable words, for `status` and metrics.
    package enum Reason: String, Sendable, CaseIterable {
        /// The source cannot be had.
        case fetch
        /// The source cannot be read.
        case read
        /// The files have errors.
        case invalid
        /// Another process applies, or did when this one could not renew its lease.
        case lease
        /// Somebody else kept applying meanwhile.
        case stale
        /// The state cannot be read or written.
        case state
    }

    package let reason: Reason
    package let message: String
    package let hint: String?
    /// All errors of the files.
    package let diagnostics: [Diagnostic]
    /// The commit that was seen; nil when not even that is known.
    package let commit: String?

    package init(
        _ reason: Reason, _ message: String, hint: String? = nil, diagnostics: [Diagnostic] = [],
        commit: String? = nil
    ) {
        self.reason = reason
        self.message = message
        self.hint = hint
        self.diagnostics = diagnostics
        self.commit = commit
    }

    package var description: String { message }
}
