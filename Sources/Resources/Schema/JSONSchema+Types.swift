internal import JSON

extension JSONSchema.Writer {
    /// The schema of a type; always an object.
    mutating func type(_ type: FieldType) -> JSONValue {
        switch type {
        case .string(let rule): string(rule)
        case .url: ["type": "string", "format": "uri", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://[^#@]+"]
        case .integer(let range):
            [
                "type": "integer", "minimum": .number(JSONNumber(range.lowerBound)),
                "maximum": .number(JSONNumber(range.upperBound)),
            ]
        case .number(let range):
            ["type": "number", "minimum": number(range.lowerBound), "maximum": number(range.upperBound)]
        case .bool: ["type": "boolean"]
        case .off: ["const": false]
        case .enumeration(let cases):
            ["enum": .array(cases.filter { isAvailable($0.availability) }.map { .string($0.name) })]
        case .duration: ["type": "string", "pattern": #"^(?=\d)(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$"#]
        case .byteCount: ["type": "string", "pattern": #"^\d+([KMG]i)?B$"#]
        case .rate: ["type": "string", "pattern": "^[1-9][0-9]*/[smh]$"]
        case .condition, .expression: ["type": ["string", "boolean", "number"]]
        case .template: ["type": "string"]
        case .tree: [:]
        case .reference: string(.name)
        case .eventPattern: eventPattern
        case .eventType: eventType
        case .list(let element, let rule): list(element, rule)
        case .map(let key, let value, let rule): map(key, value, rule)
        case .object(let schema): object(schema)
        case .definition(let name): ["$ref": .string("#/$defs/\(name)")]
        case .nullable(let inner): ["anyOf": [self.type(inner), ["type": "null"]]]
        case .union(let types): ["anyOf": .array(types.map { self.type($0) })]
        }
    }

    private func string(_ rule: StringRule) -> JSONValue {
        guard let pattern = rule.pattern else { return ["type": "string"] }
        return ["type": "string", "pattern": .string(pattern)]
    }

    private func number(_ value: Double) -> JSONValue { JSONNumber(value).map { .number($0) } ?? .null }

    private static let customPattern = #"^custom(\.[A-Za-z0-9_-]+)+$"#

    private var eventType: JSONValue {
        [
            "anyOf": [
                ["enum": .array(EventCatalog.types.map { .string($0.name) })],
                ["type": "string", "pattern": .string(Self.customPattern)],
            ]
        ]
    }

    private var eventPattern: JSONValue {
        let prefixes = RecordType.allCases.map { JSONValue.string("\($0).*") }
        let names = [JSONValue.string("*")] + prefixes + EventCatalog.types.map { .string($0.name) }
        return [
            "anyOf": [
                ["enum": .array(names)],
                ["type": "string", "pattern": #"^custom(\.[A-Za-z0-9_-]+)*(\.\*|\.[A-Za-z0-9_-]+)$"#],
            ]
        ]
    }

    private mutating func list(_ element: FieldType, _ rule: ListRule) -> JSONValue {
        var value: JSONObject = ["type": "array", "items": type(element)]
        if rule.count.lowerBound > 0 { value["minItems"] = .number(JSONNumber(rule.count.lowerBound)) }
        value["maxItems"] = .number(JSONNumber(rule.count.upperBound))
        if rule.isSet { value["uniqueItems"] = true }
        return .object(value)
    }

    private mutating func map(_ key: StringRule, _ value: FieldType, _ rule: MapRule) -> JSONValue {
        var object: JSONObject = ["type": "object", "additionalProperties": type(value)]
        if let pattern = key.pattern { object["propertyNames"] = ["pattern": .string(pattern)] }
        object["maxProperties"] = .number(JSONNumber(rule.count.upperBound))
        return .object(object)
    }

    // MARK: Rules

    func rule(_ rule: FieldRule, _ schema: ObjectSchema) -> [JSONValue] {
        func isAvailable(_ name: String) -> Bool {
            schema.field(name).map { self.isAvailable($0.availability) } ?? false
        }
        func required(_ names: [String]) -> JSONValue { ["required": .array(names.map { .string($0) })] }
        func condition(_ other: String, _ values: [String]) -> JSONValue {
            let isDefault = schema.field(other)?.defaultValue?.string.map(values.contains) ?? false
            let matches: JSONValue = ["properties": [other: ["enum": .array(values.map { .string($0) })]]]
            return isDefault ? matches : ["allOf": [required([other]), matches]]
        }
        switch rule {
        case .exactlyOne(let names):
            return [["oneOf": .array(names.filter(isAvailable).map { required([$0]) })]]
        case .atMostOne(let names):
            let pairs = names.indices.flatMap { first in names[..<first].map { [$0, names[first]] } }
            return pairs.map { ["not": required($0)] }
        case .together(let names):
            guard names.allSatisfy(isAvailable) else { return [] }
            let all: JSONValue = .array(names.map { .string($0) })
            return [["dependentRequired": .object(JSONObject(names.map { ($0, all) }))]]
        case .needs(let name, let other):
            guard isAvailable(name), isAvailable(other) else { return [] }
            return [["dependentRequired": .object([name: [.string(other)]])]]
        case .onlyWith(let name, let other, let values):
            guard isAvailable(name), isAvailable(other) else { return [] }
            return [["if": required([name]), "then": condition(other, values)]]
        case .requiredWith(let name, let other, let values):
            guard isAvailable(name), isAvailable(other) else { return [] }
            return [["if": condition(other, values), "then": required([name])]]
        }
    }
}
