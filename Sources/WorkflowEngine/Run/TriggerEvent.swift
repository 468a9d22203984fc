internal import Expressions
package import JSON

/// What starts a run, and what its expressions see as `event`.
///
/// A run that a schedule starts has the type `schedule` and the due time as `data.scheduledAt`; one that a person or a step
/// `call` starts has the type `manual` and the inputs as `data`; one of an inbound endpoint `inbound.<endpoint>`.
package struct TriggerEvent: Sendable, Hashable {
    package let id: String
    package let type: String
    /// RFC 3339.
    package let ts: String
    package let data: JSONValue
    /// Names of the fields that changed; for events of records.
    package var changed: [String] = []
    package var previous = JSONObject()
    /// For inbound events, with lower-case names.
    package var headers = JSONObject()
    package var query = JSONObject()
    /// nil for an event from outside.
    package var chain: Chain?

    package init(id: String, type: String, ts: String, data: JSONValue) {
        self.id = id
        self.type = type
        self.ts = ts
        self.data = data
    }

    /// The record that it is about, for loop protection and waits.
    package var record: String? { data["id"]?.string }
}

extension TriggerEvent {
    package var json: JSONValue {
        var members: JSONObject = [
            "id": .string(id), "type": .string(type), "ts": .string(ts), "data": data,
        ]
        if !changed.isEmpty { members["changed"] = .array(changed.map(JSONValue.string)) }
        if !previous.isEmpty { members["previous"] = .object(previous) }
        if !headers.isEmpty { members["headers"] = .object(headers) }
        if !query.isEmpty { members["query"] = .object(query) }
        if let chain { members["chain"] = chain.json }
        return .object(members)
    }

    package init?(json: JSONValue) {
        guard let id = json["id"]?.string, let type = json["type"]?.string, let ts = json["ts"]?.string,
            let data = json["data"]
        else { return nil }
        self.init(id: id, type: type, ts: ts, data: data)
        changed = json["changed"]?.array?.compactMap(\.string) ?? []
        previous = json["previous"]?.object ?? [:]
        headers = json["headers"]?.object ?? [:]
        query = json["query"]?.object ?? [:]
        chain = json["chain"].flatMap(Chain.init(json:))
    }

    /// The variable `event`.
    var value: CELValue {
        .record([
            ("id", .string(id)), ("type", .string(type)),
            ("ts", Timestamp(ts).map(CELValue.timestamp) ?? .null), ("data", CELValue(data)),
            ("changed", .list(changed.map(CELValue.string))), ("previous", .map(.json(previous))),
            ("headers", .map(.json(headers))), ("query", .map(.json(query))),
        ])
    }
}
