package import JSON
import Resources

extension EventCatalog.EventType {
    /// The JSON Schema (draft 2020-12) of the event's `data`; unknown extra fields are allowed.
    package var dataSchema: JSONValue {
        var properties = JSONObject()
        for field in fields { properties[field.name] = field.schema }
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "title": .string(name),
            "description": .string(doc), "type": "object", "properties": .object(properties),
        ]
    }
}

extension RecordField {
    fileprivate var schema: JSONValue {
        var schema: JSONObject = ["description": .string(doc)]
        switch type {
        case .string: schema["type"] = typeName("string")
        case .timestamp:
            schema["type"] = typeName("string")
            schema["format"] = "date-time"
        case .enumeration(let values):
            schema["enum"] = .array(values.map(JSONValue.string) + (isNullable ? [.null] : []))
        case .dynamic: schema["type"] = typeName("object")
        }
        return .object(schema)
    }

    private func typeName(_ name: String) -> JSONValue {
        isNullable ? .array([.string(name), "null"]) : .string(name)
    }
}
