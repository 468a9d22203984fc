import JSON
import Store
import WorkflowEngine

extension TriggerEvent {
    /// An event that is about to be stored.
    ///
    /// - Precondition: it has an id.
    /// - Throws: `JSONError` for what is not JSON, which was refused at the door.
    init(_ event: NewEvent) throws {
        try self.init(
            id: event.id?.text ?? "", type: event.type, ts: event.ts, data: event.data,
            changed: event.changed, previous: event.previous, headers: event.headers, query: event.query,
            chain: event.chain)
    }

    /// - Throws: `JSONError` for a damaged row.
    init(_ event: Event) throws {
        try self.init(
            id: event.id.text, type: event.type, ts: event.ts, data: event.data, changed: event.changed,
            previous: event.previous, headers: event.headers, query: event.query, chain: event.chain)
    }

    private init(
        id: String, type: String, ts: String, data: [UInt8], changed: String?, previous: String?,
        headers: String?, query: String?, chain: String?
    ) throws {
        func object(_ text: String?) throws -> JSONObject {
            try text.map { try JSONValue(parsing: $0) }?.object ?? [:]
        }
        self.init(id: id, type: type, ts: ts, data: try JSONValue(parsing: data))
        self.changed =
            try changed.map { try JSONValue(parsing: $0) }?.array?.compactMap(\.string) ?? []
        self.previous = try object(previous)
        self.headers = try object(headers)
        self.query = try object(query)
        self.chain = try chain.flatMap { Chain(json: try JSONValue(parsing: $0)) }
    }
}

extension Moment {
    init(_ time: UnixTime) { self.init(milliseconds: time.milliseconds) }
}

extension UnixTime {
    init(_ moment: Moment) { self.init(milliseconds: moment.milliseconds) }
}
