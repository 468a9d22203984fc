import GRDB

/// One apply that changed something.
package struct Revision: Sendable, Equatable {
    package enum Result: String, Sendable {
        /// A commit, or a saved plan.
        case applied
        /// The same files again, over what had been changed outside of git.
        case healed
        case rollback
    }

    package let serial: Int64
    package let commit: String
    package let subject: String
    package let planDigest: String
    package let created: Int
    package let updated: Int
    package let deleted: Int
    package let result: Result
    /// Repository, ref and path, without credentials; empty for revisions of earlier versions.
    package let source: String
    package let appliedBy: String
    package let appliedAt: UnixTime
    package let duration: Duration

    /// How many revisions are kept.
    package static let kept = 100

    package init(
        serial: Int64, commit: String, subject: String, planDigest: String, created: Int, updated: Int,
        deleted: Int, result: Result, source: String, appliedBy: String, appliedAt: UnixTime,
        duration: Duration
    ) {
        self.serial = serial
        self.commit = commit
        self.subject = subject
        self.planDigest = planDigest
        self.created = created
        self.updated = updated
        self.deleted = deleted
        self.result = result
        self.source = source
        self.appliedBy = appliedBy
        self.appliedAt = appliedAt
        self.duration = duration
    }

    init(_ row: Row) {
        serial = row["serial"]
        commit = row["commit_id"]
        subject = row["subject"]
        planDigest = row["plan_digest"]
        created = row["created"]
        updated = row["updated"]
        deleted = row["deleted"]
        result = Result(rawValue: row["result"]) ?? .applied
        source = row["source"]
        appliedBy = row["applied_by"]
        appliedAt = UnixTime(milliseconds: row["applied_ms"])
        duration = .milliseconds(row["duration_ms"] as Int64)
    }
}

/// The live set as an earlier revision left it.
package enum RevisionContent: Sendable, Equatable {
    case resources([LiveResource])
    /// There is no such revision, or it is not kept any more.
    case unknown
    /// A later revision is of a version of this program that did not keep what it changed.
    case notKept
}

extension Store {
    /// The last applies, newest first.
    package func revisions(limit: Int) async throws -> [Revision] {
        try await read { database in
            // The primary key gives the order.
            try Row.fetchAll(
                database, sql: "SELECT * FROM revision ORDER BY serial DESC LIMIT ?", arguments: [limit]
            )
            .map(Revision.init)
        }
    }

    /// One of them; nil when it is not kept.
    package func revision(_ serial: Int64) async throws -> Revision? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM revision WHERE serial = ?", arguments: [serial])
                .map(Revision.init)
        }
    }

    /// What was live when a revision was the newest one, by kind and name.
    ///
    /// Forms are found by the digests that were applied, so a live row that somebody changed by hand counts as what it
    /// should be.
    package func content(of serial: Int64) async throws -> RevisionContent {
        try await read { database in
            guard
                try Row.fetchOne(
                    database, sql: "SELECT 1 FROM revision WHERE serial = ?", arguments: [serial])
                    != nil
            else { return .unknown }
            let lost = try Int.fetchOne(
                database, sql: "SELECT count(*) FROM revision WHERE serial > ? AND has_changes = 0",
                arguments: [serial])
            guard lost == 0 else { return .notKept }
            return .resources(try resources(asOf: serial, database))
        }
    }
}

private struct ResourceName: Hashable {
    let kind: String
    let name: String
}

/// The live rows with the changes of all later revisions undone, the newest first.
///
/// Rows that no apply has written are no part of any revision: a revision whose changes are all kept would name them.
private func resources(asOf serial: Int64, _ database: Database) throws -> [LiveResource] {
    let live = try Row.fetchAll(
        database,
        sql: """
            SELECT kind, name, form.canonical AS canonical, resource.digest AS digest,
                is_protected, file, line, commit_id
            FROM resource JOIN resource_form AS form ON form.digest = resource.digest
            WHERE (resource.kind, resource.name) IN (SELECT kind, name FROM revision_change)
                OR (resource.serial BETWEEN 1 AND (SELECT state.serial FROM state WHERE id = 1)
                    AND NOT EXISTS (SELECT 1 FROM revision
                        WHERE revision.serial = resource.serial AND created + updated + deleted =
                            (SELECT count(*) FROM revision_change WHERE revision_change.serial = revision.serial)))
            """
    ).map(LiveResource.init)
    var resources = Dictionary(live.map { (ResourceName(kind: $0.kind, name: $0.name), $0) }) { $1 }
    // revision_change's primary key gives the range, resource_form's the forms.
    let undone = try Row.fetchAll(
        database,
        sql: """
            SELECT change.*, coalesce(form.canonical, '') AS canonical
            FROM revision_change AS change LEFT JOIN resource_form AS form ON form.digest = change.digest
            WHERE serial > ? ORDER BY serial DESC
            """, arguments: [serial])
    for row in undone {
        let name = ResourceName(kind: row["kind"], name: row["name"])
        resources[name] = (row["digest"] as String?) == nil ? nil : LiveResource(row)
    }
    return resources.values.sorted { ($0.kind, $0.name) < ($1.kind, $1.name) }
}

/// Keeps what a change of a resource replaces; call it before the resource is written.
func keepReplaced(kind: String, name: String, serial: Int64, _ database: Database) throws {
    try RowStatement(
        database,
        """
        INSERT INTO revision_change (serial, kind, name, digest, is_protected, file, line, commit_id)
        SELECT ?1, ?2, ?3, resource.digest, coalesce(is_protected, 0), coalesce(file, ''), coalesce(line, 0),
            coalesce(commit_id, '')
        FROM (SELECT 1) LEFT JOIN resource ON resource.kind = ?2 AND resource.name = ?3
        """
    ).run { row in
        row.integer(1, serial)
        row.text(2, kind)
        row.text(3, name)
    }
}

/// Keeps a form by its digest.
func keepForm(_ resource: LiveResource, _ database: Database) throws {
    // Another resource, or an earlier revision, may have the same form.
    try RowStatement(
        database,
        "INSERT INTO resource_form (digest, canonical) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING"
    ).run { row in
        row.text(1, resource.digest)
        row.text(2, resource.canonical)
    }
}

/// Forgets the revisions beyond ``Revision/kept``, and the forms that only they needed.
func forgetOldRevisions(newest serial: Int64, _ database: Database) throws {
    let oldest = serial - Int64(Revision.kept)
    guard
        try Row.fetchOne(database, sql: "SELECT 1 FROM revision WHERE serial <= ?", arguments: [oldest])
            != nil
    else { return }
    // revision_change_digest and resource_digest find who else needs a form. The changes of the oldest revision that
    // stays are not needed either, because nothing before it can be made again.
    try database.execute(
        sql: """
            DELETE FROM resource_form WHERE digest IN
                (SELECT digest FROM revision_change WHERE serial <= ?1 AND digest IS NOT NULL)
                AND NOT EXISTS (SELECT 1 FROM resource WHERE resource.digest = resource_form.digest)
                AND NOT EXISTS (SELECT 1 FROM revision_change AS later
                    WHERE later.digest = resource_form.digest AND later.serial > ?1)
            """, arguments: [oldest + 1])
    try database.execute(sql: "DELETE FROM revision_change WHERE serial <= ?", arguments: [oldest + 1])
    try database.execute(sql: "DELETE FROM revision WHERE serial <= ?", arguments: [oldest])
}
