import Expressions
package import JSON

extension PastEvent {
    /// An event as `GET /api/v1/events` shows it, without the headers and the query of an inbound message; nil when it is
    /// none.
    package init?(answer: JSONValue) {
        guard let id = answer["id"]?.string, let type = answer["event"]?.string,
            let ts = answer["ts"]?.string,
            let data = answer["data"]
        else { return nil }
        self.init(
            type: type,
            variables: Activation([
                "event": .record([
                    "id": .string(id), "type": .string(type),
                    "ts": Timestamp(ts).map(CELValue.timestamp) ?? .null, "data": CELValue(data),
                    "changed": CELValue(answer["changed"] ?? []),
                    "previous": CELValue(answer["previous"] ?? [:]), "headers": CELValue([:]),
                    "query": CELValue([:]),
                ])
            ]))
    }
}
