package import JSON

extension CELValue {
    /// A JSON value as a value of CEL: integers become `int`, beyond that `uint`, everything else `double`.
    package init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .number(let number):
            if let int = number.int64 {
                self = .int(int)
            } else if let uint = number.uint64 {
                self = .uint(uint)
            } else {
                self = .double(number.double)
            }
        case .string(let text): self = .string(text)
        case .array(let elements): self = .list(.json(elements))
        case .object(let object): self = .map(.json(object))
        }
    }

    /// The value as JSON, as a template would write it; nil for `omit()` and an absent optional.
    ///
    /// - Throws: for what JSON cannot express, for secrets, and for values of more than `costLimit` units.
    package func json(costLimit: Int = Cost.defaultLimit) throws(EvaluationError) -> JSONValue? {
        var evaluation = Evaluation(Activation(), limit: costLimit, localCount: 0)
        return try json(&evaluation)
    }

    /// The value as JSON; nil for `omit()` and an absent optional, whose place is left out.
    ///
    /// - Throws: for NaN, infinities, map keys that are not strings, types, secrets, and when the limit of cost
    ///   is reached.
    func json(_ evaluation: inout Evaluation) throws(EvaluationError) -> JSONValue? {
        switch self {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .int(let value): return .number(JSONNumber(value))
        case .uint(let value): return .number(JSONNumber(value))
        case .double(let value):
            guard let number = JSONNumber(value) else {
                throw .invalidArgument("\(value) cannot be written as JSON")
            }
            return .number(number)
        case .string(let text):
            try evaluation.chargeTraversal(text.utf8.count)
            return .string(text)
        case .bytes(let bytes):
            try evaluation.chargeTraversal(bytes.count)
            return .string(Base64.encode(bytes))
        case .timestamp(let time): return .string(time.description)
        case .duration(let duration): return .string(duration.description)
        case .list(let list): return try list.json(&evaluation)
        case .map(let map): return try map.json(&evaluation)
        case .optional(let optional): return try optional.value?.json(&evaluation)
        case .omitted: return nil
        case .type(let name): throw .invalidArgument("the type `\(name.text)` cannot be written as JSON")
        case .secret: throw .secretMisuse
        }
    }
}

extension CELList {
    fileprivate func json(_ evaluation: inout Evaluation) throws(EvaluationError) -> JSONValue {
        try evaluation.charge(count)
        guard case .values(let values) = self else { return .array(jsonElements) }
        var elements: [JSONValue] = []
        elements.reserveCapacity(values.count)
        for value in values {
            if let element = try value.json(&evaluation) { elements.append(element) }
        }
        return .array(elements)
    }

    private var jsonElements: [JSONValue] {
        if case .json(let elements) = self { elements } else { [] }
    }
}

extension CELMap {
    fileprivate func json(_ evaluation: inout Evaluation) throws(EvaluationError) -> JSONValue {
        try evaluation.charge(count)
        if case .json(let object) = self { return .object(object) }
        var object = JSONObject()
        for position in 0..<count {
            let (key, value) = self[position]
            guard case .string(let name) = key else {
                throw .invalidArgument("a map with keys of type `\(key.typeName)` cannot be written as JSON")
            }
            if let member = try value.json(&evaluation) { object.append(name, member) }
        }
        return .object(object)
    }
}
