import JSON
import Store

/// The bytes of an outgoing webhook: the same on every attempt of a delivery.
///
/// `{"event":"…","delivery_id":"…","ts":"…","data":…}` in this order; `data` is the slice that was accepted, so its
/// key order and number texts survive. A subscription with a `body` of its own sends that instead.
enum Payload {
    static func bytes(of delivery: DueDelivery) -> [UInt8] {
        bytes(delivery.id, delivery.event, body: delivery.body)
    }

    /// - Parameter body: what the subscription's `body` rendered to, if it has one.
    static func bytes(_ id: DeliveryID, _ event: Event, body: String?) -> [UInt8] {
        if let body { return Array(body.utf8) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(event.data.count + 160)
        bytes += #"{"event":"#.utf8
        JSONValue.write(string: event.type, to: &bytes)
        bytes += #","delivery_id":"#.utf8
        JSONValue.write(string: id.text, to: &bytes)
        bytes += #","ts":"#.utf8
        JSONValue.write(string: event.ts, to: &bytes)
        bytes += #","data":"#.utf8
        bytes += event.data
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// What the attempts of a delivery send; nil for one that could not be made.
    static func bytes(of detail: DeliveryDetail) -> [UInt8]? {
        guard detail.attempts.last?.number != 0 else { return nil }
        return bytes(detail.delivery.id, detail.event, body: detail.body)
    }
}
