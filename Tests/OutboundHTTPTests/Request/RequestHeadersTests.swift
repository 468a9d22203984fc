import Testing

@testable import OutboundHTTP

struct RequestHeadersTests {
    @Test(arguments: ["a\r\nX: 1", "a\n", "\r", "a\0b", "a\u{1}", "a\u{7f}"])
    func `refuses a value that would break the head, without repeating it`(_ value: String) {
        #expect { try RequestHeaders([("X-A", "canary" + value)]) } throws: { error in
            "\(error)".contains("X-A") && !"\(error)".contains("canary")
        }
    }

    @Test(arguments: ["", "a", "a b\tc", "ä😀", ":;,=\"\\"])
    func `takes any other value`(_ value: String) throws {
        #expect(throws: Never.self) { try RequestHeaders([("X-A", value)]) }
    }

    @Test(arguments: [0, 7, 10, -1, 1_234_567_890, .max, .min])
    func `writes a number in decimal digits`(_ number: Int) throws {
        var headers = RequestHeaders()
        try headers.add(HeaderName("X-A"), number)
        #expect(String(decoding: headers.lines, as: UTF8.self) == "X-A: \(number)\r\n")
    }

    @Test(arguments: [
        "", " ", "a b", "a:", "é", "a\r\n", "Host", "host", "Content-Length", "TRANSFER-ENCODING",
        "Connection", "Expect", "Upgrade", "TE",
    ])
    func `refuses a name that is no token or frames the message`(_ name: String) {
        #expect(throws: OutboundError.self) { try HeaderName(name) }
    }

    @Test(arguments: ["", "GET ", "G T", "CONNECT", "TRACE", "GET\r\n"])
    func `refuses a method that is no token or opens a tunnel`(_ name: String) {
        #expect(throws: OutboundError.self) { try HTTPMethod(name) }
    }
}
