import NIOCore

/// The event of the benchmarks: about 420 bytes of a ticket, with a number of its own.
enum BenchEvent {
    private static let marker: StaticString = "\"number\":\""
    private static let digits = 9

    /// The number as it stands in the event.
    static func key(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: digits - text.count) + text
    }

    static func json(_ number: Int) -> String {
        #"{"event":"ticket.created","data":{"number":"\#(key(number))","id":"tkt_01HYZ8M3PA7QK4V9T2W6XCB5ND","#
            + #""key":"INC-4821","subject":"Mail is down for the whole of the second floor","type":"incident","#
            + #""status":"open","priority":"high","category":"messaging","team_id":"team_service_desk","#
            + #""requester_email":"ada@example.com","created_at":"2026-05-05T11:45:07Z","external_key":null,"#
            + #""custom":{"site":"Hamburg","floor":2}}}"#
    }

    /// The number of the event in a body that holds it.
    static func number(in body: UnsafeRawBufferPointer) -> Int {
        guard let start = MessageScanner.position(of: marker, in: body) else { return -1 }
        return MessageScanner.digits(body[(start + marker.utf8CodeUnitCount)...])
    }
}
