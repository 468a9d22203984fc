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
    package var id: ConfigurationChange.Name { ConfigurationChange.Name(kind: kind, name: name) }

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
    /// In the order of kinds and names.
    package let resources: [LiveResource]
    /// When each subscription was made: one that was deleted and made again is another one.
    package let subscriptionsCreatedAt: [String: UnixTime]

    /// - Parameter resources: in any order.
    package init(
        serial: Int64, resources: [LiveResource], subscriptionsCreatedAt: [String: UnixTime] = [:]
    ) {
        let isSorted = zip(resources, resources.dropFirst()).allSatisfy { $0.id < $1.id }
        self.init(
            serial: serial, sorted: isSorted ? resources : resources.sorted { $0.id < $1.id },
            subscriptionsCreatedAt: subscriptionsCreatedAt)
    }

    private init(serial: Int64, sorted: [LiveResource], subscriptionsCreatedAt: [String: UnixTime]) {
        self.serial = serial
        resources = sorted
        self.subscriptionsCreatedAt = subscriptionsCreatedAt
    }

    /// The configuration with some resources replaced, put in or taken out; it says nothing of when subscriptions were
    /// made.
    ///
    /// - Parameter changes: the new row of each, each resource once; nil for one that goes.
    package func applying(
        _ changes: [(id: ConfigurationChange.Name, row: LiveResource?)], serial: Int64
    ) -> LiveConfiguration {
        let edits = changes.sorted { $0.id < $1.id }.map { (key: $0.id, element: $0.row) }
        return LiveConfiguration(
            serial: serial, sorted: resources.applying(edits, key: \.id).list, subscriptionsCreatedAt: [:])
    }

    /// The row of a resource; nil when it is not live.
    package subscript(id: ConfigurationChange.Name) -> LiveResource? {
        let position = resources.position(of: id, key: \.id)
        return position < resources.count && resources[position].id == id ? resources[position] : nil
    }

    /// What a missing state plans against.
    package static let empty = LiveConfiguration(serial: 0, resources: [])
}
