import GRDB
import Resources

/// An applied resource as the state holds it.
package struct LiveResource: Sendable, Equatable {
    /// The kind's name and the resource's name; a kind of an older or newer release stays readable.
    package var kind: String
    package var name: String
    /// The canonical form, from which the typed resource is made again.
    package var canonical: String
    /// SHA-256 of the canonical form when it was applied, lower-case hex.
    package var digest: String
    package var isProtected: Bool
    /// Where the applied commit declared it.
    package var file: String
    package var line: Int
    package var commit: String

    package init(
        kind: String, name: String, canonical: String, digest: String, isProtected: Bool, file: String,
        line: Int,
        commit: String
    ) {
        self.kind = kind
        self.name = name
        self.canonical = canonical
        self.digest = digest
        self.isProtected = isProtected
        self.file = file
        self.line = line
        self.commit = commit
    }
}

extension LiveResource {
    init(_ row: Row) {
        self.init(
            kind: row["kind"], name: row["name"], canonical: row["canonical"], digest: row["digest"],
            isProtected: row["is_protected"], file: row["file"], line: row["line"], commit: row["commit_id"])
    }
}

/// Everything that is applied, as of one serial.
package struct LiveConfiguration: Sendable {
    /// Counts the applies that changed something; 0 for a state to which nothing was applied.
    package let serial: Int64
    /// By kind and name.
    package let resources: [LiveResource]
    /// When each subscription was made: one that was deleted and made again is another one.
    package let subscriptionsCreatedAt: [String: UnixTime]

    package init(
        serial: Int64, resources: [LiveResource], subscriptionsCreatedAt: [String: UnixTime] = [:]
    ) {
        self.serial = serial
        self.resources = resources
        self.subscriptionsCreatedAt = subscriptionsCreatedAt
    }

    /// What a missing state plans against.
    package static let empty = LiveConfiguration(serial: 0, resources: [])
}
