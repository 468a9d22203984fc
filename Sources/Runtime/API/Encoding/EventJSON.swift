package import JSON
import Resources
package import Store

/// Events as the API and the command line show them.
package enum EventJSON {
    package static func value(_ event: Event) -> JSONValue {
        var members: JSONObject = [
            "id": .string(event.id.text), "event": .string(event.type), "ts": .string(event.ts),
            "acceptedAt": .string(event.acceptedAt.description), "source": .string(event.source),
        ]
        // Stored text was checked when it was accepted.
        members["changed"] = event.changed.flatMap { try? JSONValue(parsing: $0) }
        members["previous"] = event.previous.flatMap { try? JSONValue(parsing: $0) }
        members["data"] = (try? JSONValue(parsing: event.data)) ?? .null
        return .object(members)
    }

    /// The event types with the JSON Schema of their data.
    package static var catalog: JSONValue {
        let items = EventCatalog.types.map { type -> JSONValue in
            ["event": .string(type.name), "description": .string(type.doc), "schema": type.dataSchema]
        }
        return ["items": .array(items)]
    }
}
