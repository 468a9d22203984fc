import NIOCore

/// The event of the benchmarks: about 420 bytes of a ticket, with a number of its own.
enum BenchEvent {
    private static let marker: StaticString = "\"number\":\""
    private static let digitCount = 9

    /// The number as it stands in the event.
    static func key(_ number: Int) -> String {
        String(unsafeUninitializedCapacity: digitCount) { buffer in
            write(number, to: UnsafeMutableRawBufferPointer(buffer))
            return digitCount
        }
    }

    /// The event with the number 0.
    static let template = Array(
        (#"{"event":"ticket.created","data":{"number":"000000000","id":"tkt_01HYZ8M3PA7QK4V9T2W6XCB5ND","#
            + #""key":"INC-4821","subject":"Mail is down for the whole of the second floor","type":"incident","#
            + #""status":"open","priority":"high","category":"messaging","team_id":"team_service_desk","#
            + #""requester_email":"ada@example.com","created_at":"2026-05-05T11:45:07Z","external_key":null,"#
            + #""custom":{"site":"Hamburg","floor":2}}}"#).utf8)

    /// Where the digits of the number are.
    static let numberOffset = template.withUnsafeBytes { bytes in
        MessageScanner.position(of: marker, in: bytes).map { $0 + marker.utf8CodeUnitCount } ?? 0
    }

    /// Writes the digits of a number as they stand in an event.
    static func write(_ number: Int, to bytes: UnsafeMutableRawBufferPointer) {
        var rest = number
        for position in (0..<digitCount).reversed() {
            bytes[position] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
    }

    static func json(_ number: Int) -> [UInt8] {
        var event = template
        event.withUnsafeMutableBytes {
            write(number, to: UnsafeMutableRawBufferPointer(rebasing: $0[numberOffset...]))
        }
        return event
    }

    /// The number of the event in a body that holds it.
    static func number(in body: UnsafeRawBufferPointer) -> Int {
        guard let start = MessageScanner.position(of: marker, in: body) else { return -1 }
        return MessageScanner.digits(body[(start + marker.utf8CodeUnitCount)...])
    }
}
