package import JSON

/// One version of a record and how it comes about; pure.
///
/// Made from what a caller gave and from the version before. It knows which transitions there are, which fields follow
/// from others, and which events the change is.
package struct RecordDraft: Sendable {
    package let rules: RecordRules
    /// All fields, in the order of the description.
    package private(set) var values: JSONObject
    /// Names of the fields that differ from the version before, without `updated_at`; empty for a new record.
    package private(set) var changed: [String] = []
    /// Their earlier values.
    package private(set) var previous = JSONObject()
    private let isNew: Bool
    private let now: String

    /// The first version. The key is set later, because it is only known then.
    ///
    /// - Parameters:
    ///   - input: what the caller gave, checked by ``RecordFields``.
    ///   - now: RFC 3339.
    /// - Throws: when a field is missing or the status is none to begin with.
    package init(
        new input: JSONObject, _ type: RecordType, id: String, now: String
    ) throws(RecordProblem) {
        let rules = RecordRules.of(type)
        self.rules = rules
        self.now = now
        isNew = true
        guard input[rules.title] != nil else {
            throw RecordProblem(message: "`\(rules.title)` is missing", field: rules.title)
        }
        values = JSONObject()
        for field in type.fields {
            let value: JSONValue
            switch field.name {
            case "id": value = .string(id)
            case "key": value = ""
            case "created_at", "updated_at": value = .string(now)
            default: value = input[field.name] ?? Self.standard(field, rules)
            }
            values.append(field.name, value)
        }
        guard rules.initial.contains(status) else {
            throw impossible("a new \(type.rawValue) cannot be `\(status)`", rules.initial)
        }
    }

    /// The version that follows.
    ///
    /// - Throws: when there is no such transition; it says which there are.
    package init(
        _ input: JSONObject, after current: JSONObject, _ type: RecordType, now: String
    ) throws(RecordProblem) {
        rules = RecordRules.of(type)
        self.now = now
        isNew = false
        values = current
        let before = status
        for (name, value) in input {
            set(name, name == "custom" ? (current[name] ?? .null).merging(value) : value)
        }
        guard status != before else { return }
        guard rules.allows(before, to: status) else {
            throw impossible(
                "\(type.withArticle) that is `\(before)` cannot become `\(status)`",
                rules.transitions[before] ?? [])
        }
        if type.fields.contains(where: { $0.name == "resolved_at" }) {
            if status == "resolved" { set("resolved_at", .string(now)) }
            if rules.open.contains(status) { set("resolved_at", .null) }
        }
    }

    package var status: String { values[rules.statusField]?.string ?? "" }
    package var isChanged: Bool { isNew || !changed.isEmpty }

    /// The types of the events that the version causes, in their order.
    package var eventTypes: [String] {
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
        return types
    }

    /// Sets the key of a new record.
    package mutating func setKey(_ key: String) { values["key"] = .string(key) }

    /// Sets when a ticket has to be resolved; RFC 3339.
    package mutating func setDeadline(_ deadline: String?) {
        set("sla_due_at", deadline.map { .string($0) } ?? .null)
    }

    private mutating func set(_ name: String, _ value: JSONValue) {
        let old = values[name] ?? .null
        guard old != value else { return }
        values[name] = value
        guard !isNew else { return }
        values["updated_at"] = .string(now)
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

    private func impossible(_ what: String, _ possible: [String]) -> RecordProblem {
        let choices = possible.isEmpty ? "nothing" : possible.map { "`\($0)`" }.joined(separator: ", ")
        return RecordProblem(message: "\(what); possible: \(choices)", field: rules.statusField)
    }
}
