import JSON
import Store
import TestSupport
import Testing

@testable import Runtime

/// What is no request is answered like everything else that is wrong, and the answer can be read.
@Suite(.timeLimit(.minutes(5))) struct RefusalTests {
    private static let host = "Host: 127.0.0.1\r\n"

    /// What comes on a connection until the server ends it.
    private func answer(_ bytes: String, port: Int) async throws -> HTTPExchange.Answer {
        try await HTTPExchange.exchange(Array(bytes.utf8), port: port)
    }

    private func expect(
        _ status: Int, _ code: String, _ bytes: String, _ runtime: RuntimeHarness,
        _ place: SourceLocation = #_sourceLocation
    ) async throws {
        for port in [runtime.port, runtime.adminPort] {
            let answer = try await answer(bytes, port: port)
            #expect(answer.status == status, "\(answer.head)", sourceLocation: place)
            let head = answer.head.lowercased()
            #expect(head.contains("\r\ncontent-type: application/problem+json"), sourceLocation: place)
            #expect(head.contains("\r\nconnection: close"), sourceLocation: place)
            #expect(head.contains("\r\nx-request-id: req_"), sourceLocation: place)
            #expect(
                head.contains(/\r\ndate: [a-z]{3}, [0-9]{2} [a-z]{3} [0-9]{4} [0-9:]{8} gmt/),
                sourceLocation: place)
            let type = try answer.json["type"]?.string
            #expect(type == "https://sync.zentra.dev/problems/\(code)", sourceLocation: place)
        }
    }

    @Test(
        arguments: [
            ("\u{16}\u{3}\u{1}\r\n\r\n", 400, "malformed"), ("hello\r\n\r\n", 400, "malformed"),
            ("GET /livez HTTP/1.1\n\(host)\n", 400, "malformed"),
            ("GET /livez FOO/1.1\r\n\(host)\r\n", 400, "malformed"),
            ("GET /li vez HTTP/1.1\r\n\(host)\r\n", 400, "malformed"),
            ("GET /li\u{0}vez HTTP/1.1\r\n\(host)\r\n", 400, "malformed"),
            ("GET livez HTTP/1.1\r\n\(host)\r\n", 400, "malformed"),
            ("GET * HTTP/1.1\r\n\(host)\r\n", 400, "malformed"),
            ("GET ftp://127.0.0.1/ HTTP/1.1\r\n\(host)\r\n", 400, "malformed"),
            ("GET http://user@127.0.0.1/ HTTP/1.1\r\n\(host)\r\n", 400, "malformed"),
            ("GET /livez HTTP/1.1\r\n\(host)X : a\r\n\r\n", 400, "malformed"),
            ("GET /livez HTTP/1.1\r\n\(host)X: a\u{0}b\r\n\r\n", 400, "malformed"),
            ("GET /livez HTTP/1.1\r\n\(host)X: a\r\n folded\r\n\r\n", 400, "malformed"),
            ("POST /livez HTTP/1.1\r\n\(host)Content-Length: x\r\n\r\n", 400, "malformed"),
            ("POST /livez HTTP/1.1\r\n\(host)Content-Length: -1\r\n\r\n", 400, "malformed"),
            (
                "POST /livez HTTP/1.1\r\n\(host)Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400,
                "malformed"
            ),
            (
                "POST /livez HTTP/1.1\r\n\(host)Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                400, "malformed"
            ),
            (
                "POST /livez HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
                400, "malformed"
            ),
            ("POST /livez HTTP/1.1\r\n\(host)Transfer-Encoding: gzip\r\n\r\n", 400, "malformed"),
            ("POST /livez HTTP/1.0\r\n\(host)Transfer-Encoding: chunked\r\n\r\n", 400, "malformed"),
            (
                "POST /livez HTTP/1.1\r\n\(host)Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                501, "not-implemented"
            ),
            ("BREW /livez HTTP/1.1\r\n\(host)\r\n", 501, "not-implemented"),
            ("CONNECT a:80 HTTP/1.1\r\n\(host)\r\n", 501, "not-implemented"),
            ("GET /livez HTTP/2.0\r\n\(host)\r\n", 505, "version-not-supported"),
            ("GET /livez HTTP/9.9\r\n\(host)\r\n", 505, "version-not-supported"),
            ("GET /livez\r\n\r\n", 505, "version-not-supported"),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "version-not-supported"),
        ] as [(String, Int, String)])
    func `what is no request is a problem`(_ bytes: String, _ status: Int, _ code: String) async throws {
        try await RuntimeHarness.run { try await expect(status, code, bytes, $0) }
    }

    @Test func `a target that is too long is told from a header that is`() async throws {
        try await RuntimeHarness.run { runtime in
            let long = String(repeating: "a", count: RequestDecoder.maximumHead + 1)
            let (line, host) = ("GET /livez HTTP/1.1\r\n", Self.host)
            try await expect(414, "uri-too-long", "GET /\(long) HTTP/1.1\r\n\(host)\r\n", runtime)
            try await expect(414, "uri-too-long", "GET /\(long)\(long)\(long)\(long)", runtime)
            try await expect(431, "headers-too-large", "\(line)\(host)X: \(long)\r\n\r\n", runtime)
            try await expect(431, "headers-too-large", "\(line)\(host)\(long): x\r\n\r\n", runtime)
            let fields = (0...RequestDecoder.maximumFields).map { "X-\($0): y\r\n" }.joined()
            try await expect(431, "headers-too-large", "\(line)\(host)\(fields)\r\n", runtime)
            let half = String(repeating: "a", count: RequestDecoder.maximumHead / 2)
            try await expect(
                431, "headers-too-large", "GET /\(half) HTTP/1.1\r\n\(host)X: \(half)\r\n\r\n", runtime)
        }
    }

    @Test(arguments: [
        "", "Host: a\r\nHost: a\r\n", "Host: a\r\nhost: b\r\n", "Host: a b\r\n", "Host: a/b\r\n",
        "Host: user@a\r\n", "Host: a:b\r\n", "Host: a:80:80\r\n", "Host: [::1\r\n", "Host: [a]\r\n",
        "Host: %zz\r\n", "Host: \u{e4}\r\n",
    ])
    func `a request of HTTP/1.1 has one valid Host`(_ fields: String) async throws {
        try await RuntimeHarness.run(adminToken, secrets: ["api-token": token]) { runtime in
            try await expect(400, "malformed", "GET /livez HTTP/1.1\r\n\(fields)\r\n", runtime)
            let body = #"{"event":"ticket.created","id":"a","data":{}}"#
            let head =
                "POST /api/v1/events HTTP/1.1\r\n\(fields)Authorization: Bearer \(token)\r\n"
                + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
            let answer = try await answer(head + body, port: runtime.port)
            #expect(answer.status == 400)
            let events = try await runtime.store.events(.init(), before: nil, limit: 1)
            #expect(events.items.isEmpty)
        }
    }

    @Test(arguments: ["Host:", "Host: 127.0.0.1:80", "Host: LOCALHOST", "Host: [::1]:80", "Host: a_b.c%2d"])
    func `other hosts are taken, and HTTP/1.0 needs none`(_ field: String) async throws {
        try await RuntimeHarness.run { runtime in
            for request in [
                "GET /livez HTTP/1.1\r\n\(field)\r\nConnection: close\r\n\r\n", "GET /livez HTTP/1.0\r\n\r\n",
            ] {
                let answer = try await answer(request, port: runtime.port)
                #expect(answer.status == 200)
            }
        }
    }

    @Test func `what comes before is answered first, and what comes behind is not`() async throws {
        try await RuntimeHarness.run { runtime in
            let good = "GET /livez HTTP/1.1\r\n\(Self.host)\r\n"
            for bad in ["nonsense\r\n\r\n", "GET /livez HTTP/1.1\r\n\r\n"] {
                let answer = try await answer(good + good + bad + good, port: runtime.port)
                let all = answer.head + "\r\n\r\n" + answer.text
                #expect(all.matches(of: /HTTP\/1\.1 (\d+)/).map { String($0.1) } == ["200", "200", "400"])
            }
        }
    }

    @Test(arguments: ["/api/v1/events", "/livez", "/nothing"])
    func `a body in malformed chunks has one answer, and the connection ends`(_ path: String) async throws {
        try await RuntimeHarness.run(adminToken, secrets: ["api-token": token]) { runtime in
            let head = "POST \(path) HTTP/1.1\r\n\(Self.host)Transfer-Encoding: chunked\r\n"
            for token in ["", "Authorization: Bearer \(token)\r\n"] {
                let answer = try await answer("\(head)\(token)\r\n4\r\n[{}]\r\nxyz\r\n", port: runtime.port)
                #expect(answer.head.lowercased().contains("connection: close"))
                #expect(answer.head.lowercased().contains("application/problem+json"))
                #expect(!answer.text.contains("HTTP/1.1"), "\(answer.text)")
            }
        }
    }

    @Test(arguments: [("/api/v1/events", 431, 202), ("/livez", 405, 405), ("/nothing", 404, 404)])
    func `trailers beyond the limits of a header are refused`(_ path: String, _ long: Int, _ short: Int)
        async throws
    {
        try await RuntimeHarness.run(adminToken, secrets: ["api-token": token]) { runtime in
            let event = #"{"event":"ticket.created","data":{}}"#
            let request =
                "POST \(path) HTTP/1.1\r\n\(Self.host)Authorization: Bearer \(token)\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "\(String(event.utf8.count, radix: 16))\r\n\(event)\r\n0\r\n"
            let large = "X: " + String(repeating: "a", count: RequestDecoder.maximumHead + 1) + "\r\n"
            let many = (0...RequestDecoder.maximumFields).map { "X-\($0): y\r\n" }.joined()
            for (trailers, status) in [(large, long), (many, long), ("X: y\r\n", short)] {
                let answer = try await answer("\(request)\(trailers)\r\n", port: runtime.port)
                #expect(answer.status == status)
                #expect(answer.head.lowercased().contains("connection: close"))
                #expect(!answer.text.contains("HTTP/1.1"), "\(answer.text)")
            }
        }
    }

    @Test func `a request for the server as a whole is answered with what it can`() async throws {
        try await RuntimeHarness.run { runtime in
            for (port, allowed) in [
                (runtime.port, "GET, HEAD, PATCH, POST, OPTIONS"), (runtime.adminPort, "GET, HEAD, OPTIONS"),
            ] {
                let next = "GET /livez HTTP/1.1\r\n\(Self.host)Connection: close\r\n\r\n"
                let answer = try await answer("OPTIONS * HTTP/1.1\r\n\(Self.host)\r\n\(next)", port: port)
                #expect(answer.status == 200)
                #expect(answer.head.lowercased().contains("\r\nallow: \(allowed.lowercased())"))
                #expect(answer.head.lowercased().contains("\r\nx-request-id: req_"))
                #expect(answer.text.hasPrefix("HTTP/1.1 200"), "it has no body: \(answer.text)")
            }
        }
    }

    /// RFC 3986, section 6.2.2.2.
    @Test(arguments: [
        ("/livez", 200), ("/%6civez", 200), ("/%6C%69%76%65%7a", 200), ("/livez?a=%zz", 200),
        ("/%6Givez", 404),
        ("/%6", 404), ("/%6%63", 404), ("/%2Flivez", 404), ("/livez%2F", 404), ("/%256civez", 404),
        ("http://a.example/%6civez", 200), ("/api%2Fv1/openapi.json", 404), ("/api/v1/openapi%2ejson", 200),
    ])
    func `a path is the same with escapes that it does not need`(_ target: String, _ status: Int)
        async throws
    {
        try await RuntimeHarness.run { runtime in
            for port in [runtime.port, runtime.adminPort]
            where port == runtime.port || target.contains("ivez") {
                let answer = try await answer(
                    "GET \(target) HTTP/1.1\r\n\(Self.host)Connection: close\r\n\r\n", port: port)
                #expect(answer.status == (port == runtime.adminPort && target.hasPrefix("h") ? 421 : status))
            }
        }
    }

    @Test func `the server says that a connection ends, whichever way that is asked for`() async throws {
        try await RuntimeHarness.run { runtime in
            let good = "GET /livez HTTP/1.1\r\n\(Self.host)"
            for last in [
                "\(good)Connection: close\r\n\r\n", "\(good)Connection: x, Close\r\n\r\n",
                "GET /livez HTTP/1.0\r\n\r\n",
            ] {
                let answer = try await answer(last + "\(good)\r\n", port: runtime.port)
                #expect(answer.status == 200)
                #expect(answer.head.lowercased().contains("connection: close"))
                #expect(!answer.text.contains("HTTP/1.1"))
            }
            let kept = "GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
            let answer = try await answer(kept + "GET /livez HTTP/1.0\r\n\r\n", port: runtime.port)
            #expect(answer.head.lowercased().contains("connection: keep-alive"))
            #expect(answer.text.contains("HTTP/1.1 200"))
        }
    }

    /// Java's client and `curl --http2` ask for HTTP/2 like this.
    @Test(arguments: ["", "Content-Length: 2\r\n", "Transfer-Encoding: chunked\r\n"])
    func `a request that asks for another protocol is answered, and so is the next one`(_ field: String)
        async throws
    {
        try await RuntimeHarness.run { runtime in
            let body = field.isEmpty ? "" : field.hasPrefix("C") ? "{}" : "2\r\n{}\r\n0\r\n\r\n"
            let first =
                "POST /livez HTTP/1.1\r\n\(Self.host)Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\(field)\r\n\(body)"
            let next = "GET /livez HTTP/1.1\r\n\(Self.host)\r\n"
            let answers = try await Conversation.hold([first + next, first, next], port: runtime.port)
            #expect(answers.map(\.status) == ["405", "200", "405", "200"])
        }
    }

    @Test func `an absolute target is its path, on the host that it names`() async throws {
        try await RuntimeHarness.run { runtime in
            let close = "\(Self.host)Connection: close\r\n\r\n"
            for target in ["http://a.example/livez", "HTTP://a.example:80/livez?"] {
                let answer = try await answer("GET \(target) HTTP/1.1\r\n\(close)", port: runtime.port)
                #expect(answer.status == 200)
            }
        }
    }

    /// `curl -T large` to a wrong path, for example.
    @Test func `an answer that comes before a long body has, ends the connection`() async throws {
        try await RuntimeHarness.run { runtime in
            let head = "POST /nothing HTTP/1.1\r\n\(Self.host)"
            for field in [
                "Content-Length: 10000000", "Transfer-Encoding: chunked",
                "Content-Length: 9\r\nExpect: 100-continue",
            ] {
                let answer = try await answer("\(head)\(field)\r\n\r\n", port: runtime.port)
                #expect(answer.status == 404)
                #expect(answer.head.lowercased().contains("connection: close"), "\(field)")
            }
            let next = "GET /livez HTTP/1.1\r\n\(Self.host)\r\n"
            let short = try await Conversation.hold(
                ["\(head)Content-Length: 4\r\n\r\n", "body\(next)"], port: runtime.port)
            #expect(short.map(\.status) == ["404", "200"])
        }
    }

    @Test func `an answer to HEAD has no body, whatever it is`() async throws {
        try await RuntimeHarness.run { runtime in
            let next = "GET /livez HTTP/1.1\r\n\(Self.host)Connection: close\r\n\r\n"
            for (path, status) in [("/nothing", 404), ("/api/v1/sync/push", 404), ("/api/webhooks/a", 405)] {
                let head = "HEAD \(path) HTTP/1.1\r\n\(Self.host)\r\n"
                let answer = try await answer(head + next, port: runtime.port)
                #expect(answer.status == status)
                // Nothing stands between the two answers.
                #expect(answer.text.hasPrefix("HTTP/1.1 200"), "\(answer.text)")
            }
            let refused = try await answer("HEAD /livez HTTP/1.1\r\n\r\n", port: runtime.port)
            #expect(refused.status == 400)
            #expect(refused.body.isEmpty)
        }
    }

    @Test(arguments: [
        ("a%3Ab", 200), ("%61:%62", 200), ("a:b", 200), ("a%3ac", 404), ("a%2Fb", 404), ("%00", 404),
        ("%2561:b", 404), ("a%3", 400), ("%zz", 400), ("%ff", 400),
    ])
    func `a part of a path is decoded`(_ id: String, _ status: Int) async throws {
        try await RuntimeHarness.run(adminToken, secrets: ["api-token": token]) { runtime in
            let event = #"{"event":"ticket.created","id":"a:b","data":{}}"#
            let accepted = try await runtime.send("POST", "/api/v1/events", token: token, json: event)
            #expect(accepted.status == 202)
            let request =
                "GET /api/v1/events/\(id) HTTP/1.1\r\n\(Self.host)Authorization: Bearer \(token)\r\n"
                + "Connection: close\r\n\r\n"
            let answer = try await answer(request, port: runtime.port)
            #expect(answer.status == status)
        }
    }
}
