import GRDB

/// An event as a producer hands it in; `data` has been checked to be a JSON object.
///
/// One object from the request to the commit: it goes through many hands, and each copy of a value would count all that it
/// refers to.
package final class NewEvent: Sendable {
    /// The producer's own id; nil lets the state make one.
    package let id: EventID?
    package let type: String
    /// RFC 3339 in UTC with the precision that was given.
    package let ts: String
    /// The accepted bytes of `data`, unchanged.
    package let data: [UInt8]
    /// JSON array of field names, JSON object of their earlier values; record events have them.
    package let changed: String?
    package let previous: String?
    /// Who handed it in: `token:<name>`, `inbound:<endpoint>`, `record`, `workflow:<run>`.
    package let source: String
    /// JSON objects of header fields and query parameters; inbound events have them.
    package let headers: String?
    package let query: String?
    /// Where it comes from when a run caused it: JSON text of the root event and the runs on the way.
    package let chain: String?
    /// The stored message that it is.
    package let messageID: String?

    package init(
        id: EventID? = nil, type: String, ts: String, data: [UInt8], changed: String? = nil,
        previous: String? = nil, source: String, headers: String? = nil, query: String? = nil,
        chain: String? = nil, messageID: String? = nil
    ) {
        self.id = id
        self.type = type
        self.ts = ts
        self.data = data
        self.changed = changed
        self.previous = previous
        self.source = source
        self.headers = headers
        self.query = query
        self.chain = chain
        self.messageID = messageID
    }

    /// The same event with an id, or with where it comes from.
    package func with(id: EventID? = nil, chain: String? = nil) -> NewEvent {
        NewEvent(
            id: id ?? self.id, type: type, ts: ts, data: data, changed: changed, previous: previous,
            source: source, headers: headers, query: query, chain: chain ?? self.chain, messageID: messageID)
    }
}

extension NewEvent: Equatable {
    package static func == (left: NewEvent, right: NewEvent) -> Bool {
        left.id == right.id && left.type == right.type && left.ts == right.ts && left.data == right.data
            && left.changed == right.changed && left.previous == right.previous && left.source == right.source
            && left.headers == right.headers && left.query == right.query && left.chain == right.chain
            && left.messageID == right.messageID
    }
}

/// A stored event.
package struct Event: Sendable, Equatable {
    package let sequence: CommitSequence
    package let id: EventID
    /// As it was handed in, whether or not with an id.
    package let content: NewEvent
    package let acceptedAt: UnixTime

    package var type: String { content.type }
    package var ts: String { content.ts }
    package var data: [UInt8] { content.data }
    package var changed: String? { content.changed }
    package var previous: String? { content.previous }
    package var source: String { content.source }
    package var headers: String? { content.headers }
    package var query: String? { content.query }
    /// Where it comes from when a run caused it.
    package var chain: String? { content.chain }

    init(_ row: Row) {
        self.init(
            sequence: CommitSequence(row["seq"]), id: EventID(row["id"]), type: row["type"], ts: row["ts"],
            data: Array((row["data"] as String).utf8), changed: row["changed"], previous: row["previous"],
            source: row["source"], acceptedAt: UnixTime(milliseconds: row["accepted_ms"]),
            headers: row["headers"], query: row["query"], chain: row["chain"])
    }

    package init(
        sequence: CommitSequence, id: EventID, type: String, ts: String, data: [UInt8], changed: String?,
        previous: String?, source: String, acceptedAt: UnixTime, headers: String? = nil,
        query: String? = nil, chain: String? = nil
    ) {
        let content = NewEvent(
            id: id, type: type, ts: ts, data: data, changed: changed, previous: previous, source: source,
            headers: headers, query: query, chain: chain)
        self.init(content, sequence: sequence, id: id, acceptedAt: acceptedAt)
    }

    package init(_ content: NewEvent, sequence: CommitSequence, id: EventID, acceptedAt: UnixTime) {
        self.sequence = sequence
        self.id = id
        self.content = content
        self.acceptedAt = acceptedAt
    }
}

/// One delivery that an event causes: what is fixed at fan-out.
package struct NewDelivery: Sendable {
    /// Why a delivery could not be made: it is stored as failed, without attempts, and its log says why as
    /// number 0.
    package struct Refusal: Sendable, Equatable {
        /// `filter` or `render`.
        package var errorClass: String
        package var message: String

        package init(errorClass: String, message: String) {
            self.errorClass = errorClass
            self.message = message
        }
    }

    package var subscription: String
    /// An id of ``Store/nextULID(at:)`` that the body holds; nil lets the state make one.
    package var id: DeliveryID?
    /// The rendered body, for subscriptions with a `body` of their own; nil sends the standard payload.
    package var body: String?
    /// With `order: perKey`.
    package var orderKey: String?

    /// nil for a delivery that is to be sent.
    package var refusal: Refusal?

    package init(
        subscription: String, id: DeliveryID? = nil, body: String? = nil, orderKey: String? = nil,
        refusal: Refusal? = nil
    ) {
        self.subscription = subscription
        self.id = id
        self.body = body
        self.orderKey = orderKey
        self.refusal = refusal
    }
}
