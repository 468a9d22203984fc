import JSON
import Resources
import Store

/// One version of a record and how it came about; pure.
///
/// Made from what a caller gave and from the version before. It knows which transitions there are, which fields follow
/// from others, and which events the change is.
struct RecordVersion: Sendable {
    let rules: RecordRules
    /// All fields, in the order of the description.
    private(set) var values: JSONObject
    /// Names of the fields that differ from the version before, without `updated_at`; empty for a new record.
    private(set) var changed: [String] = []
    /// Their earlier values.
    private(set) var previous = JSONObject()
    private let isNew: Bool
    private let now: UnixTime

    /// The first version. The key is set later, because it is only known then.
    ///
    /// - Throws: `Problem` 422 when a field is missing or the status is none to begin with.
    init(new input: RecordInput, _ type: RecordType, id: String, now: UnixTime) throws {
        let rules = RecordRules.of(type)
        self.rules = rules
        self.now = now
        isNew = true
        guard input.values[rules.title] != nil else {
            throw Problem.invalid("`\(rules.title)` is missing", pointer: "/\(rules.title)")
        }
        values = JSONObject()
        for field in type.fields {
            let value: JSONValue
            switch field.name {
            case "id": value = .string(id)
            case "key": value = ""
            case "created_at", "updated_at": value = .string(now.description)
            default: value = input.values[field.name] ?? Self.standard(field, rules)
            }
            values.append(field.name, value)
        }
        guard rules.initial.contains(status) else {
            throw impossible("a new \(type.rawValue) cannot be `\(status)`", rules.initial)
        }
    }

    /// The version that follows.
    ///
    /// - Throws: `Problem` 422 when there is no such transition; it says which there are.
    init(_ input: RecordInput, after current: JSONObject, _ type: RecordType, now: UnixTime) throws {
        rules = RecordRules.of(type)
        self.now = now
        isNew = false
        values = current
        let before = status
        for (name, value) in input.values {
            set(name, name == "custom" ? (current[name] ?? .null).merging(value) : value)
        }
        guard status != before else { return }
        guard rules.allows(before, to: status) else {
            throw impossible(
                "a \(type.rawValue) that is `\(before)` cannot become `\(status)`",
                rules.transitions[before] ?? [])
        }
        if type.fields.contains(where: { $0.name == "resolved_at" }) {
            if status == "resolved" { set("resolved_at", .string(now.description)) }
            if rules.open.contains(status) { set("resolved_at", .null) }
        }
    }

    var status: String { values[rules.statusField]?.string ?? "" }
    var isChanged: Bool { isNew || !changed.isEmpty }

    /// Sets the key of a new record.
    mutating func setKey(_ key: String) { values["key"] = .string(key) }

    /// Sets when a ticket has to be resolved.
    mutating func setDeadline(_ deadline: UnixTime?) {
        set("sla_due_at", deadline.map { .string($0.description) } ?? .null)
    }

    private mutating func set(_ name: String, _ value: JSONValue) {
        let old = values[name] ?? .null
        guard old != value else { return }
        values[name] = value
        guard !isNew else { return }
        values["updated_at"] = .string(now.description)
        if previous[name] == nil {
            changed.append(name)
            previous.append(name, old)
        }
    }

    private static func standard(_ field: RecordField, _ rules: RecordRules) -> JSONValue {
        if let value = rules.defaults[field.name] { return .string(value) }
        if case .dynamic = field.type { return .object(JSONObject()) }
        return .null
    }

    private func impossible(_ what: String, _ possible: [String]) -> Problem {
        let choices = possible.isEmpty ? "nothing" : possible.map { "`\($0)`" }.joined(separator: ", ")
        return .invalid("\(what); possible: \(choices)", pointer: "/\(rules.statusField)")
    }
}

extension RecordVersion {
    /// The events that the version causes, in their order.
    func events(actor: String) -> [NewEvent] {
        var types: [String] = []
        if isNew {
            types.append("\(rules.type.rawValue).created")
        } else if !changed.isEmpty {
            if let type = rules.onUpdate { types.append(type) }
            if changed.contains(rules.statusField) {
                if let type = rules.onStatus { types.append(type) }
                if let type = rules.entering[status] { types.append(type) }
            }
        }
        return types.map(event(actor: actor))
    }

    /// An event about the record as it is in this version.
    func event(actor: String) -> (_ type: String) -> NewEvent {
        let data = JSONValue.object(values).utf8
        let (changed, previous) = (changedText, previousText)
        return { type in
            NewEvent(
                type: type, ts: now.description, data: data, changed: changed, previous: previous,
                source: actor)
        }
    }

    func change(version: Int, actor: String) -> RecordChange {
        RecordChange(version: version, actor: actor, changed: changedText, previous: previousText, at: now)
    }

    private var changedText: String { JSONValue.array(changed.map(JSONValue.string)).text }
    private var previousText: String { JSONValue.object(previous).text }

    /// As the state holds it.
    func row(version: Int, sequence: CommitSequence = CommitSequence(0), createdAt: UnixTime) -> RecordRow {
        func text(_ name: String) -> String? { values[name]?.string }
        var columns = RecordRow.Columns(status: status, isOpen: rules.open.contains(status))
        columns.priority = text("priority")
        columns.assignee = text("assignee")
        columns.teamID = text("team_id")
        columns.requesterEmail = text("requester_email")
        columns.externalKey = text("external_key")
        columns.dueAt = text("sla_due_at").flatMap(UnixTime.init(rfc3339:))
        return RecordRow(
            sequence: sequence, type: rules.type.rawValue, id: text("id") ?? "", key: text("key") ?? "",
            version: version, data: JSONValue.object(values).text, columns: columns, createdAt: createdAt,
            updatedAt: now)
    }
}
