/// The events of the service desk: the types that subscriptions and workflows can name.
package enum EventCatalog {
    /// A built-in event type.
    package struct EventType: Sendable, Hashable {
        /// `ticket.created`
        package let name: String
        package let record: RecordType
        package let doc: String

        /// The typed fields of the event's `data`; unknown extra fields are allowed at run time.
        package var fields: [RecordField] { record.fields }
    }

    package static let ticketTypes = ["incident", "request"]
    package static let ticketPriorities = ["low", "medium", "high", "critical"]
    package static let ticketStatuses = ["new", "open", "in_progress", "pending", "resolved", "closed"]

    package static let types: [EventType] = [
        EventType(name: "ticket.created", record: .ticket, doc: "A ticket was made."),
        EventType(name: "ticket.updated", record: .ticket, doc: "A field of a ticket changed."),
        EventType(name: "ticket.status_changed", record: .ticket, doc: "A ticket's status changed."),
        EventType(name: "ticket.resolved", record: .ticket, doc: "A ticket became resolved."),
        EventType(
            name: "ticket.sla_breached", record: .ticket, doc: "An unresolved ticket passed its due time."),
        EventType(name: "change.created", record: .change, doc: "A change was made."),
        EventType(name: "change.approved", record: .change, doc: "A change was approved."),
        EventType(name: "change.rejected", record: .change, doc: "A change was rejected."),
        EventType(name: "change.completed", record: .change, doc: "A change was completed."),
        EventType(name: "problem.created", record: .problem, doc: "A problem was made."),
        EventType(name: "problem.resolved", record: .problem, doc: "A problem became resolved."),
        EventType(name: "asset.created", record: .asset, doc: "An asset was made."),
        EventType(
            name: "asset.lifecycle_changed", record: .asset,
            doc: "An asset entered another stage of its life."),
    ]

    private static let byName = Dictionary(uniqueKeysWithValues: types.map { ($0.name, $0) })

    /// The built-in type of that name.
    package static subscript(name: String) -> EventType? { byName[name] }

    /// Whether events of this type can happen: a built-in type or `custom.<name>`.
    package static func contains(_ name: String) -> Bool { byName.keys.contains(name) || isCustom(name) }

    /// Whether the text is `custom.` and a name of letters, digits, `_`, `-` and inner dots, 128 bytes in all.
    package static func isCustom(_ name: String) -> Bool {
        guard name.hasPrefix("custom."), name.utf8.count <= 128 else { return false }
        return name.dropFirst("custom.".count).split(separator: ".", omittingEmptySubsequences: false)
            .allSatisfy { part in
                !part.isEmpty
                    && part.utf8.allSatisfy {
                        (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20)
                            || $0 == UInt8(ascii: "_")
                            || $0 == UInt8(ascii: "-")
                    }
            }
    }

    /// The type that a misspelt or misremembered one most likely stands for.
    package static func suggestion(for name: String) -> String? {
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        if parts.count == 2 {
            let record = recordSynonyms[parts[0]] ?? parts[0]
            let happening = happeningSynonyms[parts[1]] ?? parts[1]
            let meant = "\(record).\(happening)"
            if meant != name, byName[meant] != nil { return meant }
        }
        return Suggestion.nearest(
            to: name, in: types.map(\.name) + ["ticket.*", "change.*", "problem.*", "asset.*", "custom.*"])
    }

    /// Other systems' words for what happens here.
    private static let happeningSynonyms = [
        "closed": "resolved", "solved": "resolved", "done": "completed", "finished": "completed",
        "opened": "created",
        "new": "created", "added": "created", "changed": "updated", "edited": "updated",
        "modified": "updated",
        "status": "status_changed", "breached": "sla_breached", "denied": "rejected", "accepted": "approved",
    ]
    private static let recordSynonyms = [
        "incident": "ticket", "request": "ticket", "issue": "ticket", "tickets": "ticket",
        "changes": "change",
        "problems": "problem", "assets": "asset", "device": "asset",
    ]
}
