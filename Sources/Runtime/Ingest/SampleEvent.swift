import JSON
import Resources
import Store

/// An event to try a subscription with: every field of the record has a plausible value.
enum SampleEvent {
    static func make(_ type: String, now: UnixTime) -> NewEvent {
        var data = JSONObject()
        for field in EventCatalog[type]?.fields ?? [] { data[field.name] = sample(field, now) }
        data["test"] = true
        return NewEvent(type: type, ts: now.description, data: JSONValue.object(data).utf8, source: "test")
    }

    private static func sample(_ field: RecordField, _ now: UnixTime) -> JSONValue {
        if field.isNullable { return .null }
        return switch field.type {
        case .string: .string("sample \(field.name)")
        case .timestamp: .string(now.description)
        case .enumeration(let values): .string(values.first ?? "")
        case .dynamic: [:]
        }
    }
}
