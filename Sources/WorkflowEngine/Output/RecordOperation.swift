package import JSON
package import Resources

/// What a step does with a record. The shell reads, computes the write by the rules of records, answers with the result,
/// and commits the write with the run's entries.
package struct RecordOperation: Sendable, Hashable {
    package enum Action: Sendable, Hashable {
        case create(JSONObject)
        /// An unknown record is `notFound`.
        case update(Selector, JSONObject)
        /// `set`, and for a record that is made, `onCreate` (and the fields of `match`) too.
        case upsert(Selector, JSONObject, onCreate: JSONObject)
        case find(match: JSONObject)
    }

    package enum Selector: Sendable, Hashable {
        /// The record's id or key.
        case id(String)
        /// Fields that the record has; more than one such record is `ambiguous`.
        case match(JSONObject)
    }

    package let step: StepAddress
    package let type: RecordType
    package let action: Action

    package init(step: StepAddress, type: RecordType, action: Action) {
        self.step = step
        self.type = type
        self.action = action
    }
}

extension RecordOperation {
    /// For the journal: what the step's expressions came to.
    var json: JSONValue {
        func members(_ name: String, _ selector: Selector?) -> JSONObject {
            var members: JSONObject = ["action": .string(name), "record": .string(type.rawValue)]
            switch selector {
            case .id(let id): members["id"] = .string(id)
            case .match(let match): members["match"] = .object(match)
            case nil: break
            }
            return members
        }
        var result: JSONObject
        switch action {
        case .create(let set):
            result = members("create", nil)
            result["set"] = .object(set)
        case .update(let selector, let set):
            result = members("update", selector)
            result["set"] = .object(set)
        case .upsert(let selector, let set, let onCreate):
            result = members("upsert", selector)
            result["set"] = .object(set)
            if !onCreate.isEmpty { result["onCreate"] = .object(onCreate) }
        case .find(let match): result = members("find", .match(match))
        }
        return .object(result)
    }
}
