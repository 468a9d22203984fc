import HTTPTypes
import NIOCore
import Testing

@testable import Runtime

/// What is taken without the general parser is what every parser reads in the same way.
struct PlainRequestTests {
    private func read(_ text: String, limit: Int = 100) -> PlainRequest? {
        PlainRequest(ByteBuffer(string: text), path: "/api/v1/events", bodyLimit: limit)
    }

    private func post(
        _ fields: [String], _ body: String = "{}", line: String = "POST /api/v1/events HTTP/1.1"
    )
        -> String
    {
        ([line] + fields).joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    @Test func `a plain request is read with its fields and its body`() throws {
        let text = post([
            "Host: example.com:80", "AUTHORIZATION:  Bearer t ", "content-type: application/json",
            "X-Trace: a:b",
            "Connection: Keep-Alive", "Content-Length: 2", "Empty:",
        ])
        let request = try #require(read(text))
        #expect(request.head.head.request.method == .post)
        #expect(request.head.head.request.path == "/api/v1/events")
        #expect(request.head.head.request.authority == "example.com:80")
        #expect(request.head.head.request.headerFields[.authorization] == "Bearer t")
        #expect(request.head.head.request.headerFields[.contentType] == "application/json")
        let (trace, empty) = (try #require(HTTPField.Name("x-trace")), try #require(HTTPField.Name("empty")))
        #expect(request.head.head.request.headerFields[trace] == "a:b")
        #expect(request.head.head.request.headerFields[empty] == "")
        #expect(String(buffer: request.body) == "{}")
    }

    @Test(arguments: [
        ["Content-Length: 2"], ["Host: a", "Host: a", "Content-Length: 2"], ["Host: a"],
        ["Host: a b", "Content-Length: 2"], ["Host: u@a", "Content-Length: 2"],
        ["Host: a:b", "Content-Length: 2"], ["Host: [::1", "Content-Length: 2"],
        ["Host: a", "Content-Length: 2", "Content-Length: 2"], ["Host: a", "Content-Length: 2, 2"],
        ["Host: a", "Content-Length: +2"], ["Host: a", "Content-Length: "],
        ["Host: a", "Content-Length: 99999999999999999999"], ["Host: a", "Content-Length: 3"],
        ["Host: a", "Content-Length: 1"], ["Host: a", "Content-Length: 2", "Transfer-Encoding: chunked"],
        ["Host: a", "Content-Length: 2", "transfer-encoding: identity"],
        ["Host: a", "Content-Length: 2", "Expect: 100-continue"],
        ["Host: a", "Content-Length: 2", "Connection: close"],
        ["Host: a", "Content-Length: 2", "Connection: keep-alive, x"],
        ["Host: a", "Content-Length: 2", "Upgrade: h2c"], ["Host: a", "Content-Length: 2", "Trailer: x"],
        ["Host: a", "Content-Length: 2", "TE: trailers"], ["Host: a", "Content-Length: 2", " folded: x"],
        ["Host: a", "Content-Length: 2", "Name : x"], ["Host: a", "Content-Length: 2", ": x"],
        ["Host: a", "Content-Length: 2", "no colon"], ["Host: a", "Content-Length: 2", "X: a\u{0}b"],
        ["Host: a", "Content-Length: 2", "X: a\tb"], ["Host: a", "Content-Length: 2", "X: ä"],
        ["Host: a", "Content-Length: 2", "X: a\rY: b"], ["Host: a", "Content-Length: 2", "X: a\nY: b"],
        ["Host: a", "Content-Length: 2"] + (0..<40).map { "X-\($0): y" },
        ["Host: a", "Content-Length: 2", "X: " + String(repeating: "y", count: 9000)],
    ])
    func `what another could read otherwise is for the general parser`(_ fields: [String]) {
        #expect(read(post(fields)) == nil)
    }

    @Test(arguments: [
        "GET /api/v1/events HTTP/1.1", "POST /api/v1/events HTTP/1.0", "POST /api/v1/events?x HTTP/1.1",
        "POST /api/v1/event HTTP/1.1", "POST  /api/v1/events HTTP/1.1", "post /api/v1/events HTTP/1.1",
        "POST http://a/api/v1/events HTTP/1.1", "",
    ])
    func `another request line is for the general parser`(_ line: String) {
        #expect(read(post(["Host: a", "Content-Length: 2"], line: line)) == nil)
    }

    @Test func `a part of a request, several, and one that is too large are for the general parser`() {
        let whole = post(["Host: a", "Content-Length: 2"])
        #expect(read(whole) != nil)
        for count in 0..<whole.utf8.count {
            #expect(read(String(decoding: whole.utf8.prefix(count), as: UTF8.self)) == nil)
        }
        #expect(read(whole + whole) == nil)
        #expect(read(whole, limit: 1) == nil)
    }

    @Test func `a large head is not kept`() throws {
        let fields = ["Host: a", "Content-Length: 2"]
        let small = try #require(read(post(fields)))
        let large = try #require(read(post(fields + ["X: " + String(repeating: "y", count: 2100)])))
        #expect(small.head.isSmall)
        #expect(!large.head.isSmall)
    }

    @Test func `line feeds alone end no line`() {
        #expect(read("POST /api/v1/events HTTP/1.1\nHost: a\nContent-Length: 2\n\n{}") == nil)
        #expect(read("POST /api/v1/events HTTP/1.1\r\nHost: a\nContent-Length: 2\r\n\r\n{}") == nil)
    }
}
