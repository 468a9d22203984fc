package import JSON

/// What a record may become and what follows from it: one table for the writer, its errors and the documentation.
package struct RecordRules: Sendable {
    package let type: RecordType
    /// The field that says where the record stands.
    package let statusField: String
    /// What stands there when nothing is said, and what may stand there in a new record.
    package let initial: [String]
    /// From each status to those that may follow.
    package let transitions: [String: [String]]
    /// In which work is still to be done.
    package let open: Set<String>
    /// Other defaults of a new record.
    package let defaults: [String: String]
    /// The event that a record causes when it comes into a status.
    package let entering: [String: String]
    /// The event of every change of the status, and of every change at all.
    package let onStatus: String?
    package let onUpdate: String?

    package static func of(_ type: RecordType) -> RecordRules {
        switch type {
        case .ticket: ticket
        case .change: change
        case .problem: problem
        case .asset: asset
        }
    }

    /// Fields that nobody can write.
    package static let derived: Set<String> = [
        "id", "key", "created_at", "updated_at", "resolved_at", "sla_due_at",
    ]

    /// The one field that a new record must have.
    package var title: String { type == .asset ? "name" : "subject" }

    /// Of the keys of records with these values.
    package func keyPrefix(_ values: JSONObject) -> String {
        switch type {
        case .ticket: values["type"]?.string == "request" ? "REQ" : "INC"
        case .change: "CHG"
        case .problem: "PRB"
        case .asset: "AST"
        }
    }

    package func allows(_ from: String, to: String) -> Bool { transitions[from]?.contains(to) ?? false }

    private static let openTicket = ["new", "open", "in_progress", "pending"]

    private static let ticket = RecordRules(
        type: .ticket, statusField: "status", initial: openTicket,
        transitions: Dictionary(
            uniqueKeysWithValues: openTicket.map { status in
                (status, openTicket.filter { $0 != status } + ["resolved", "closed"])
            } + [("resolved", ["closed", "open"]), ("closed", [])]),
        open: Set(openTicket), defaults: ["type": "incident", "status": "new", "priority": "medium"],
        entering: ["resolved": "ticket.resolved"], onStatus: "ticket.status_changed",
        onUpdate: "ticket.updated")

    private static let change = RecordRules(
        type: .change, statusField: "status", initial: ["draft", "review"],
        transitions: [
            "draft": ["review", "cancelled"], "review": ["approved", "rejected", "cancelled"],
            "approved": ["in_progress", "cancelled"], "rejected": ["draft", "cancelled"],
            "in_progress": ["completed", "cancelled"], "completed": [], "cancelled": [],
        ],
        open: ["draft", "review", "approved", "rejected", "in_progress"], defaults: ["status": "draft"],
        entering: [
            "approved": "change.approved", "rejected": "change.rejected", "completed": "change.completed",
        ], onStatus: nil, onUpdate: nil)

    private static let problem = RecordRules(
        type: .problem, statusField: "status", initial: ["open", "investigating", "known_error"],
        transitions: [
            "open": ["investigating", "known_error", "resolved"],
            "investigating": ["open", "known_error", "resolved"],
            "known_error": ["open", "investigating", "resolved"],
            "resolved": ["open", "investigating", "known_error", "closed"], "closed": [],
        ],
        open: ["open", "investigating", "known_error"], defaults: ["status": "open"],
        entering: ["resolved": "problem.resolved"], onStatus: nil, onUpdate: nil)

    private static let stages = ["ordered", "in_stock", "in_use", "in_repair", "retired"]

    private static let asset = RecordRules(
        type: .asset, statusField: "lifecycle", initial: stages,
        transitions: Dictionary(
            uniqueKeysWithValues: stages.map { stage in
                (stage, stages.filter { $0 != stage } + ["disposed"])
            } + [("disposed", [])]),
        open: Set(stages), defaults: ["lifecycle": "in_stock"], entering: [:],
        onStatus: "asset.lifecycle_changed", onUpdate: nil)
}
