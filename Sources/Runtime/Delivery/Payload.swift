import JSON
import Store

/// The bytes of an outgoing webhook: the same on every attempt of a delivery.
///
/// `{"event":"…","delivery_id":"…","ts":"…","data":…}` in this order; `data` is the slice that was accepted, so its
/// key order and number texts survive. A subscription with a `body` of its own sends that instead.
enum Payload {
    static func bytes(of delivery: DueDelivery) -> [UInt8] {
        if let body = delivery.body { return Array(body.utf8) }
        let event = delivery.event
        var bytes: [UInt8] = []
        bytes.reserveCapacity(event.data.count + 160)
        bytes += #"{"event":"#.utf8
        JSONValue.write(string: event.type, to: &bytes)
        bytes += #","delivery_id":"#.utf8
        JSONValue.write(string: delivery.id.text, to: &bytes)
        bytes += #","ts":"#.utf8
        JSONValue.write(string: event.ts, to: &bytes)
        bytes += #","data":"#.utf8
        bytes += event.data
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}
