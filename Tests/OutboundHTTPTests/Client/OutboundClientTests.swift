import OutboundHTTP
import Testing

@Suite(.timeLimit(.minutes(5))) struct OutboundClientTests {
    @Test func `posts and returns status, headers and body`() async throws {
        let answer = "HTTP/1.1 202 Accepted\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 5\r\n\r\nhello"
        try await ScriptedServer.with(.always(.send(answer))) { server in
            try await withClient { client in
                let first = try await client.post("http://receiver.test:\(server.port)/hook?a=1").response
                #expect(first?.status == 202)
                #expect(first?.headers["X-A"] == "1, 2")
                #expect(first?.text == "hello")
                #expect(first?.isTruncated == false)
                #expect(first?.isConnectionReused == false)
                #expect(first?.remote.description == "127.0.0.1:\(server.port)")
            }
            let request = try #require(server.record.requests.first?.text)
            #expect(request.hasPrefix("POST /hook?a=1 HTTP/1.1\r\nHost: receiver.test:\(server.port)\r\n"))
            #expect(request.hasSuffix("\r\nContent-Length: 2\r\n\r\n{}"))
        }
    }
}
