package import JSON
package import Resources

/// Records in memory, under the rules of the real ones.
package struct VirtualRecords: Sendable {
    /// A record event that a write caused.
    package struct Caused: Sendable {
        package let type: String
        package let data: JSONObject
        package let changed: [String]
        package let previous: JSONObject
    }

    private var records: [(type: RecordType, values: JSONObject)] = []
    /// Writes that made a record or changed one.
    package private(set) var writes = 0

    package init() {}

    /// Puts a record there as it is; fields that are missing have their defaults.
    package mutating func put(_ type: RecordType, _ values: JSONObject) {
        let rules = RecordRules.of(type)
        var whole = JSONObject()
        for field in type.fields {
            let standard: JSONValue =
                rules.defaults[field.name].map { .string($0) } ?? (field.type == .dynamic ? [:] : .null)
            whole.append(field.name, values[field.name] ?? standard)
        }
        if whole["id"]?.string == nil { whole["id"] = .string("\(type.idPrefix)\(records.count + 1)") }
        records.append((type, whole))
    }

    package func first(_ type: RecordType, where field: String, is value: String) -> JSONObject? {
        records.first { $0.type == type && $0.values[field].map(Self.text) == value }?.values
    }

    package func all(_ type: RecordType) -> [JSONObject] { records.filter { $0.type == type }.map(\.values) }

    private static func text(_ value: JSONValue) -> String { value.string ?? value.text }

    // MARK: Operations

    /// Works an operation out and writes its result.
    package mutating func perform(_ operation: RecordOperation, now: Moment) -> (RecordResult, [Caused]) {
        do throws(RecordFailure) {
            switch operation.action {
            case .create(let set): return try create(operation.type, set, now)
            case .find(let match):
                let found = try position(operation.type, match)
                return (found.map { .record(records[$0].values, isNew: false) } ?? .nothing, [])
            case .update(let selector, let set):
                guard let position = try position(operation.type, selector) else {
                    throw RecordFailure(.notFound, "there is no such \(operation.type.rawValue)")
                }
                return try update(position, set, now)
            case .upsert(let selector, let set, let onCreate):
                if let position = try position(operation.type, selector) {
                    return try update(position, set, now)
                }
                return try create(operation.type, Self.initial(selector, set, onCreate), now)
            }
        } catch {
            return (.failed(error.type, message: error.message), [])
        }
    }

    /// A new record has what it was looked for by, what is set, and what is set on creation.
    private static func initial(
        _ selector: RecordOperation.Selector, _ set: JSONObject, _ onCreate: JSONObject
    ) -> JSONObject {
        var values = JSONObject()
        if case .match(let match) = selector {
            for (name, value) in match { values[name] = value }
        }
        for (name, value) in onCreate { values[name] = value }
        for (name, value) in set { values[name] = value }
        return values
    }

    private mutating func create(
        _ type: RecordType, _ set: JSONObject, _ now: Moment
    ) throws(RecordFailure) -> (RecordResult, [Caused]) {
        let number = records.count + 1
        do throws(RecordProblem) {
            try RecordFields.check(set, of: type)
            var draft = try RecordDraft(
                new: set, type, id: "\(type.idPrefix)new\(number)", now: now.description)
            draft.setKey("\(draft.rules.keyPrefix(draft.values))-\(1000 + number)")
            records.append((type, draft.values))
            writes += 1
            return (.record(draft.values, isNew: true), Self.events(draft))
        } catch {
            throw RecordFailure(.invalid, error.message)
        }
    }

    private mutating func update(
        _ position: Int, _ set: JSONObject, _ now: Moment
    ) throws(RecordFailure) -> (RecordResult, [Caused]) {
        let type = records[position].type
        do throws(RecordProblem) {
            try RecordFields.check(set, of: type)
            let draft = try RecordDraft(
                set, after: records[position].values, type, now: now.description)
            if draft.isChanged { writes += 1 }
            records[position].values = draft.values
            return (.record(draft.values, isNew: false), Self.events(draft))
        } catch {
            throw RecordFailure(.invalid, error.message)
        }
    }

    private static func events(_ draft: RecordDraft) -> [Caused] {
        draft.eventTypes.map {
            Caused(type: $0, data: draft.values, changed: draft.changed, previous: draft.previous)
        }
    }

    private func position(
        _ type: RecordType, _ selector: RecordOperation.Selector
    ) throws(RecordFailure) -> Int? {
        switch selector {
        case .id(let id):
            records.firstIndex {
                $0.type == type && ($0.values["id"]?.string == id || $0.values["key"]?.string == id)
            }
        case .match(let match): try position(type, match)
        }
    }

    private func position(_ type: RecordType, _ match: JSONObject) throws(RecordFailure) -> Int? {
        let found = records.indices.filter { index in
            records[index].type == type
                && match.allSatisfy { (records[index].values[$0.key] ?? .null) == $0.value }
        }
        guard found.count <= 1 else {
            throw RecordFailure(.ambiguous, "\(found.count) records match")
        }
        return found.first
    }
}

private struct RecordFailure: Error {
    let type: ErrorType
    let message: String

    init(_ type: ErrorType, _ message: String) {
        self.type = type
        self.message = message
    }
}
