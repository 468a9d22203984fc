import JSON
import Resources
import Store

/// Reads the body of `POST /api/v1/events`: one event, an array, or lines (`application/x-ndjson`).
///
/// No tree is built: the text is checked once, and `data` is kept as the slice that it is.
struct EventRequest {
    /// Events in one request.
    static let maximumCount = 1000
    /// Of `data` and `previous`, which are one level inside of it.
    private static let limits = JSONLimits.received.deeper(by: 1)

    let now: UnixTime
    let source: String

    /// - Throws: `Problem` 400 for what is not JSON, 422 for what is not an event; of several, it names the index.
    func events(_ bytes: UnsafeBufferPointer<UInt8>, isLines: Bool) throws -> (
        events: [NewEvent], isBatch: Bool
    ) {
        if isLines { return (try many(lines(bytes), bytes), true) }
        let first = bytes.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
        guard first == UInt8(ascii: "[") else { return ([try event(bytes, at: 0, index: nil)], false) }
        do {
            return (try many(JSONSlices.elements(of: bytes, limits: Self.limits.deeper(by: 1)), bytes), true)
        } catch let error as JSONError {
            throw Problem.malformed("the body is not JSON: \(error)")
        }
    }

    private func lines(_ bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = 0
        for position in 0...bytes.count where position == bytes.count || bytes[position] == 0x0A {
            if bytes[start..<position].contains(where: { $0 > 0x20 }) { lines.append(start..<position) }
            start = position + 1
        }
        return lines
    }

    private func many(_ ranges: [Range<Int>], _ bytes: UnsafeBufferPointer<UInt8>) throws -> [NewEvent] {
        guard !ranges.isEmpty else { throw Problem.invalid("there is no event in the body") }
        guard ranges.count <= Self.maximumCount else {
            throw Problem.invalid("\(ranges.count) events are more than \(Self.maximumCount) in one request")
        }
        return try ranges.enumerated().map { index, range in
            try event(UnsafeBufferPointer(rebasing: bytes[range]), at: range.lowerBound, index: index)
        }
    }

    private func event(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int, index: Int?) throws -> NewEvent {
        let place = index.map { "event \($0): " } ?? ""
        let pointer = index.map { "/\($0)" } ?? ""
        func invalid(_ field: String, _ detail: String) -> Problem {
            .invalid(place + detail, pointer: "\(pointer)/\(field)")
        }
        let members: [JSONSlices.Member]
        do {
            members = try JSONSlices.members(of: bytes, limits: Self.limits)
        } catch {
            let error = JSONError(offset: error.offset + offset, message: error.message)
            throw Problem.malformed(
                "\(place)the body is not a JSON object: \(error)", pointer: index.map { "/\($0)" })
        }
        var (type, id, ts, data) = (nil as String?, nil as EventID?, nil as String?, nil as [UInt8]?)
        var (changed, previous) = (nil as String?, nil as String?)
        for member in members {
            let slice = UnsafeBufferPointer(rebasing: bytes[member.range])
            func string() throws -> String {
                guard let text = JSONSlices.string(member, of: bytes) else {
                    throw invalid(member.key, "`\(member.key)` is not a string")
                }
                return text
            }
            switch member.key {
            case "event": type = try string()
            case "id":
                let text = try string()
                guard Self.isID(text) else {
                    throw invalid("id", "`id` is 1 to 128 of the characters A-Z a-z 0-9 . _ : -")
                }
                id = EventID(text)
            case "ts":
                guard let time = UTCTimestamp.normalize(try string()) else {
                    throw invalid("ts", "`ts` is not a time of RFC 3339, such as 2026-05-05T11:45:07Z")
                }
                ts = time
            case "data":
                guard member.kind == .object else { throw invalid("data", "`data` is not an object") }
                data = Array(slice)
            case "changed":
                let names = try JSONValue(parsing: slice).array
                guard names?.allSatisfy({ $0.string != nil }) == true else {
                    throw invalid("changed", "`changed` is not an array of field names")
                }
                changed = String(decoding: slice, as: UTF8.self)
            case "previous":
                guard member.kind == .object else { throw invalid("previous", "`previous` is not an object") }
                previous = String(decoding: slice, as: UTF8.self)
            default: throw invalid(member.key, "the field `\(member.key)` is unknown")
            }
        }
        guard let type else { throw invalid("event", "`event` is missing") }
        guard let data else { throw invalid("data", "`data` is missing") }
        guard EventCatalog.contains(type) else {
            throw invalid("event", "`\(type)` is not in the event catalogue (GET /api/v1/event-types)")
        }
        return NewEvent(
            id: id, type: type, ts: ts ?? now.description, data: data, changed: changed, previous: previous,
            source: source)
    }

    private static func isID(_ text: String) -> Bool {
        1...128 ~= text.utf8.count
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "-"): true
                default: false
                }
            }
    }
}
