import JSON
import Resources
import Store

/// Parts of JSON Schema (draft 2020-12), the language of OpenAPI 3.1.
enum APISchema {
    static let string: JSONValue = ["type": "string"]
    static let time: JSONValue = ["type": "string", "format": "date-time"]
    static let bool: JSONValue = ["type": "boolean"]
    static let any: JSONValue = .object(JSONObject())
    static let anyObject: JSONValue = ["type": "object"]
    static let count: JSONValue = ["type": "integer", "minimum": 0]

    static func integer(_ range: ClosedRange<Int>) -> JSONValue {
        [
            "type": "integer", "minimum": .number(JSONNumber(range.lowerBound)),
            "maximum": .number(JSONNumber(range.upperBound)),
        ]
    }

    static func choice(_ values: [String]) -> JSONValue { ["enum": .array(values.map(JSONValue.string))] }

    static func array(_ items: JSONValue) -> JSONValue { ["type": "array", "items": items] }

    /// The same, or null.
    static func optional(_ schema: JSONValue) -> JSONValue { ["anyOf": [schema, ["type": "null"]]] }

    /// A schema of the document's components.
    static func named(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

    /// - Parameter isClosed: other members than these are errors.
    static func object(
        _ members: KeyValuePairs<String, JSONValue>, required: [String]? = nil, isClosed: Bool = false
    ) -> JSONValue {
        var schema: JSONObject = [
            "type": "object", "properties": .object(JSONObject(members.map { ($0.key, $0.value) })),
            "required": .array((required ?? members.map(\.key)).map(JSONValue.string)),
        ]
        if isClosed { schema["additionalProperties"] = false }
        return .object(schema)
    }

    static func page(of item: JSONValue) -> JSONValue {
        object(["items": array(item), "nextCursor": optional(string)])
    }
}

extension APISchema {
    /// A record as it is shown.
    static func record(_ type: RecordType) -> JSONValue {
        let members = type.fields.map { ($0.name, schema(of: $0)) }
        return [
            "type": "object", "properties": .object(JSONObject(members)),
            "required": .array(members.map { .string($0.0) }),
        ]
    }

    /// What a caller may give.
    static func recordInput(_ type: RecordType, isNew: Bool) -> JSONValue {
        let rules = RecordRules.of(type)
        let members = type.fields.filter { !RecordRules.derived.contains($0.name) }.map { field in
            (field.name, inputSchema(of: field, rules, isNew: isNew))
        }
        var schema: JSONObject = [
            "type": "object", "properties": .object(JSONObject(members)), "additionalProperties": false,
        ]
        if isNew { schema["required"] = [.string(rules.title)] }
        return .object(schema)
    }

    private static func inputSchema(of field: RecordField, _ rules: RecordRules, isNew: Bool) -> JSONValue {
        var members = schema(of: field).object ?? JSONObject()
        if field.name == rules.statusField {
            if isNew { members["enum"] = .array(rules.initial.map(JSONValue.string)) }
            let lines = rules.transitions.sorted { $0.key < $1.key }.map { from, to in
                "`\(from)` → \(to.isEmpty ? "nothing" : to.map { "`\($0)`" }.joined(separator: ", "))"
            }
            members["description"] = .string("\(field.doc) Transitions: \(lines.joined(separator: "; ")).")
        }
        if case .string = field.type {
            let limit =
                field.name == "description" ? RecordFields.maximumDescription : RecordFields.maximumText
            // Counts characters where the server counts bytes, of which a character has up to four.
            members["maxLength"] = .number(JSONNumber(limit / 4))
            members["pattern"] =
                field.name == rules.title ? "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$" : "^[^\\u0000]*$"
        }
        return .object(members)
    }

    private static func schema(of field: RecordField) -> JSONValue {
        var schema: JSONObject = ["description": .string(field.doc)]
        func named(_ name: String) -> JSONValue {
            field.isNullable ? [.string(name), "null"] : .string(name)
        }
        switch field.type {
        case .string: schema["type"] = named("string")
        case .timestamp:
            schema["type"] = named("string")
            schema["format"] = "date-time"
        case .enumeration(let values): schema["enum"] = .array(values.map(JSONValue.string))
        case .dynamic: schema["type"] = named("object")
        }
        return .object(schema)
    }
}

extension APISchema {
    /// The schemas that routes refer to by name.
    static var components: JSONObject {
        var schemas: JSONObject = [
            "ProblemDetails": object(
                [
                    "type": ["type": "string", "format": "uri"], "title": string,
                    "status": integer(400...599), "detail": string, "requestId": string,
                    "pointer": ["type": "string", "description": "The field that is wrong (RFC 6901)."],
                ], required: ["type", "title", "status", "detail", "requestId"]),
            "Event": object(
                [
                    "id": string, "event": string, "ts": time, "acceptedAt": time, "source": string,
                    "changed": array(string), "previous": anyObject, "data": any,
                ], required: ["id", "event", "ts", "acceptedAt", "source", "data"]),
            "NewEvent": object(
                [
                    "event": [
                        "type": "string", "description": "A type of the catalogue, or `custom.<name>`.",
                    ],
                    "data": anyObject, "id": ["type": "string", "pattern": "^[A-Za-z0-9._:-]{1,128}$"],
                    "ts": time,
                    "changed": array(string), "previous": anyObject,
                ], required: ["event", "data"], isClosed: true),
            "AcceptedEvent": object(["id": string, "deliveries": count, "runs": count]),
            "Delivery": object([
                "id": string, "subscription": string, "event": string, "eventType": string,
                "status": choice(DeliveryStatus.allCases.map(\.rawValue)), "attempts": count,
                "createdAt": time,
                "finishedAt": optional(time), "nextAttemptAt": optional(time),
                "lastStatusCode": optional(["type": "integer"]), "lastErrorClass": optional(string),
                "lastError": optional(string),
            ]),
            "DeliveryDetail": [
                "allOf": [
                    named("Delivery"),
                    object(["requestBody": optional(string), "attemptLog": array(named("Attempt"))]),
                ]
            ],
            "Attempt": object([
                "number": count, "startedAt": time,
                "outcome": choice(Attempt.Outcome.allCases.map(\.rawValue)),
                "statusCode": optional(["type": "integer"]), "errorClass": optional(string),
                "error": optional(string),
                // Microseconds by the name of the phase.
                "timing": ["type": "object", "additionalProperties": count],
                "headers": optional(array(array(string))), "body": optional(string), "truncated": bool,
            ]),
            "Run": object(runMembers),
            "RunDetail": runDetail,
            "Comment": object(["id": string, "author": optional(string), "body": string, "created_at": time]),
            "Attachment": object([
                "id": string, "file_name": string, "content_type": string, "size": count, "sha256": string,
                "comment_id": optional(string), "created_at": time,
            ]),
            "HistoryEntry": object([
                "version": ["type": "integer"], "actor": string, "changed": array(string),
                "previous": anyObject,
                "at": time,
            ]),
            "Resource": object([
                "name": string, "labels": anyObject, "digest": string, "spec": anyObject, "status": anyObject,
            ]),
        ]
        func add(_ name: String, _ schema: JSONValue) {
            precondition(schemas[name] == nil, "two schemas have the name \(name)")
            schemas[name] = schema
        }
        for type in RecordType.allCases {
            add(componentName(type), record(type))
            add("New" + componentName(type), recordInput(type, isNew: true))
            add(componentName(type) + "Patch", recordInput(type, isNew: false))
        }
        return schemas
    }

    static func componentName(_ type: RecordType) -> String {
        type.rawValue.prefix(1).uppercased() + type.rawValue.dropFirst()
    }
}
