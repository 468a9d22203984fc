/// The records of the service desk: what built-in events are about.
package enum RecordType: String, Sendable, CaseIterable {
    case ticket, change, problem, asset

    /// For sentences: `a ticket`, `an asset`.
    package var withArticle: String { self == .asset ? "an asset" : "a \(rawValue)" }
}

/// A field of a record, as it stands in an event's `data`.
package struct RecordField: Sendable, Hashable {
    package enum FieldType: Sendable, Hashable {
        case string
        case timestamp
        case enumeration([String])
        /// Any object.
        case dynamic
    }

    package let name: String
    package let type: FieldType
    /// Whether the value may be null.
    package let isNullable: Bool
    package let doc: String
}

extension RecordType {
    /// The fields in the order in which an event's `data` has them; more may follow at run time.
    package var fields: [RecordField] {
        switch self {
        case .ticket: Self.ticketFields
        case .change: Self.changeFields
        case .problem: Self.problemFields
        case .asset: Self.assetFields
        }
    }

    /// The prefix of the record's ids, with its underscore.
    package var idPrefix: String {
        switch self {
        case .ticket: "tkt_"
        case .change: "chg_"
        case .problem: "prb_"
        case .asset: "ast_"
        }
    }

    private static let ticketFields: [RecordField] = [
        id("tkt_"), key("`INC-n` for incidents, `REQ-n` for requests"),
        .string("subject", "The ticket's title."),
        .choice("type", EventCatalog.ticketTypes, "What the ticket is."),
        .choice("status", EventCatalog.ticketStatuses, "Where the ticket stands."),
        .choice("priority", EventCatalog.ticketPriorities, "How urgent the ticket is."),
        .optional("category", "The ticket's category."), .optional("team_id", "The team that works on it."),
        .optional("requester_email", "Who asked."), created,
        .optional("description", "The ticket's text."), .optional("assignee", "Who works on it."),
        .optional("external_key", "The ticket's key in another system."), custom,
        .optionalTime("sla_due_at", "When it has to be resolved."), updated,
        .optionalTime("resolved_at", "When it was resolved."),
    ]

    private static let changeFields: [RecordField] = [
        id("chg_"), key("`CHG-n`"), .string("subject", "The change's title."),
        .choice(
            "status", ["draft", "review", "approved", "rejected", "in_progress", "completed", "cancelled"],
            "Where the change stands."),
        .optional("risk", "How risky the change is."), .optional("category", "The change's category."),
        .optional("team_id", "The team that carries it out."), .optional("requester_email", "Who asked."),
        created,
        .optional("description", "The change's text."), .optional("assignee", "Who carries it out."),
        .optional("external_key", "The change's key in another system."), custom, updated,
    ]

    private static let problemFields: [RecordField] = [
        id("prb_"), key("`PRB-n`"), .string("subject", "The problem's title."),
        .choice(
            "status", ["open", "investigating", "known_error", "resolved", "closed"],
            "Where the problem stands."),
        .optional("priority", "How urgent the problem is."), .optional("category", "The problem's category."),
        .optional("team_id", "The team that works on it."), created,
        .optional("description", "The problem's text."),
        .optional("assignee", "Who works on it."),
        .optional("external_key", "The problem's key in another system."),
        custom, updated, .optionalTime("resolved_at", "When it was resolved."),
    ]

    private static let assetFields: [RecordField] = [
        id("ast_"), key("`AST-n`"), .string("name", "The asset's name."),
        .optional("type", "What the asset is."),
        .optional("serial_number", "The manufacturer's number."), .optional("owner_email", "Who has it."),
        .choice(
            "lifecycle", ["ordered", "in_stock", "in_use", "in_repair", "retired", "disposed"],
            "Where the asset stands."),
        created, .optional("description", "Notes on the asset."),
        .optional("external_key", "The asset's key in another system."), custom, updated,
    ]

    private static func id(_ prefix: String) -> RecordField { .string("id", "`\(prefix)` and a ULID.") }
    private static func key(_ form: String) -> RecordField {
        .string("key", "The key that people use: \(form).")
    }
    private static let created = RecordField(
        name: "created_at", type: .timestamp, isNullable: false, doc: "When the record was made.")
    private static let updated = RecordField(
        name: "updated_at", type: .timestamp, isNullable: false, doc: "When the record changed last.")
    private static let custom = RecordField(
        name: "custom", type: .dynamic, isNullable: false, doc: "Fields of your own.")
}

extension RecordField {
    fileprivate static func string(_ name: String, _ doc: String) -> RecordField {
        RecordField(name: name, type: .string, isNullable: false, doc: doc)
    }

    fileprivate static func optional(_ name: String, _ doc: String) -> RecordField {
        RecordField(name: name, type: .string, isNullable: true, doc: doc)
    }

    fileprivate static func choice(_ name: String, _ values: [String], _ doc: String) -> RecordField {
        RecordField(name: name, type: .enumeration(values), isNullable: false, doc: doc)
    }

    fileprivate static func optionalTime(_ name: String, _ doc: String) -> RecordField {
        RecordField(name: name, type: .timestamp, isNullable: true, doc: doc)
    }
}
