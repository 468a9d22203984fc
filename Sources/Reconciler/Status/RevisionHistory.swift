package import JSON
package import Store

/// What `history` shows: the revisions that are kept, newest first, and which of them a rollback pins.
package struct RevisionHistory: Sendable, Equatable {
    package let revisions: [Revision]
    /// The revision that a rollback went to, until somebody resumes.
    package let pinned: Int64?

    /// Reads them from a state.
    package static func read(from store: Store, now: UnixTime) async throws -> RevisionHistory {
        RevisionHistory(
            revisions: try await store.revisions(limit: Revision.kept),
            pinned: try await store.suspensions(now: now).first { $0.target == .rollback }?.pinnedSerial)
    }

    package init(revisions: [Revision], pinned: Int64?) {
        self.revisions = revisions
        self.pinned = pinned
    }

    /// What a running sidecar says: its answer to `GET /api/v1/revisions`; nil when something is missing in it.
    package init?(answer: JSONValue) {
        guard let revisions: [Revision] = answer["items"]?.all(Revision.init(answer:)) else { return nil }
        let pinned = answer["items"]?.array?.first { $0["pinned"]?.bool == true }?["serial"]?.int
        self.init(revisions: revisions, pinned: pinned.map(Int64.init))
    }

    /// The newest of them.
    package func first(_ count: Int) -> RevisionHistory {
        RevisionHistory(revisions: Array(revisions.prefix(count)), pinned: pinned)
    }

    /// The form for programs.
    package var json: JSONValue {
        let items = revisions.map { revision -> JSONValue in
            var members = revision.json.object ?? [:]
            members["pinned"] = .bool(revision.serial == pinned)
            return .object(members)
        }
        return ["items": .array(items), "nextCursor": .null]
    }
}
