import Store

/// Where a replay that is done in pieces goes on.
struct ReplayPlace: Sendable, Equatable {
    enum Part: String, Sendable {
        /// Deliveries that were made.
        case made
        /// Events without a delivery.
        case missing
    }

    var part: Part
    /// Of the last one that was looked at.
    var after: CommitSequence?
    /// When the replay began: what is younger, such as what it makes itself, is not for it.
    var started: UnixTime

    init(part: Part = .made, after: CommitSequence? = nil, started: UnixTime) {
        self.part = part
        self.after = after
        self.started = started
    }
}

extension ReplayPlace {
    /// Opaque to clients, safe in URLs.
    var cursor: String { "\(part.rawValue)-\(after?.value ?? 0)-\(started.milliseconds)" }

    /// nil for what is no cursor.
    init?(cursor: String) {
        let parts = cursor.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let part = Part(rawValue: String(parts[0])), let after = Int64(parts[1]),
            let started = Int64(parts[2]), after >= 0, started >= 0
        else { return nil }
        self.init(
            part: part, after: after == 0 ? nil : CommitSequence(after),
            started: UnixTime(milliseconds: started))
    }
}
