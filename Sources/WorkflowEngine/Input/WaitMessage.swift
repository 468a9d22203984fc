internal import Expressions
package import JSON

/// A message that a step may wait for: an inbound request, a call of a callback URL, or an event.
package struct WaitMessage: Sendable, Hashable {
    /// Names it within the state; a run uses each once.
    package let id: String
    /// The parsed body, or the event's data.
    package let data: JSONValue
    /// By lower-case names; empty for an event.
    package let headers: JSONObject
    package let receivedAt: Moment

    package init(id: String, data: JSONValue, headers: JSONObject = [:], receivedAt: Moment) {
        self.id = id
        self.data = data
        self.headers = headers
        self.receivedAt = receivedAt
    }

    /// As it stands in the outputs of the wait.
    var json: JSONValue {
        [
            "id": .string(id), "data": data, "headers": .object(headers),
            "receivedAt": .string(receivedAt.description),
        ]
    }

    /// The variable `message`.
    var value: CELValue {
        .record([
            "id": .string(id), "data": CELValue(data), "headers": .map(.json(headers)),
            "receivedAt": .timestamp(receivedAt.timestamp),
        ])
    }
}
