import JSON
import Logging
import NIOCore
import NIOPosix
import TestSupport
import Testing

@Suite struct SlowBodyTests {
    private let configuration =
        adminToken + """
            ---
            kind: InboundEndpoint
            metadata: {name: mail}
            spec: {type: email, verify: {sharedSecret: {header: X-Webhook-Secret, secretRef: hook}}}

            """
    private let secrets = ["api-token": token, "hook": "k"]

    private func connect(_ runtime: RuntimeHarness) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: runtime.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
    }

    /// Sends the beginning of a request and never its end; returns the first line of the answer.
    private func drip(_ runtime: RuntimeHarness, head: String) async throws -> String {
        try await connect(runtime).executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: head + "\r\n\r\n--b"))
            for try await answer in inbound {
                return String(String(buffer: answer).prefix { $0 != "\r" && $0 != "\r\n" })
            }
            return ""
        }
    }

    @Test func `a body that does not end is answered, and others are not held up`() async throws {
        var setup = RuntimeHarness.Setup()
        setup.bodyTimeout = .milliseconds(300)
        try await RuntimeHarness.run(configuration, secrets: secrets, setup: setup) {
            (runtime) async throws in
            let length = "Host: x\r\nContent-Length: 1000"
            async let mail = drip(
                runtime,
                head: "POST /api/webhooks/mail HTTP/1.1\r\n\(length)\r\nX-Webhook-Secret: k\r\n"
                    + "Content-Type: multipart/form-data; boundary=b")
            async let ticket = drip(
                runtime,
                head: "POST /api/v1/tickets HTTP/1.1\r\n\(length)\r\nAuthorization: Bearer \(token)")
            #expect(try await runtime.create(#"{"subject":"a"}"#).status == 201)
            #expect(try await mail == "HTTP/1.1 503 Service Unavailable")
            #expect(try await ticket == "HTTP/1.1 408 Request Timeout")
            #expect(try await runtime.all("/api/v1/tickets").count == 1)
        }
    }

    /// Begins a request, and returns when the server waits for its body, which comes never. The value is the answer.
    private func begin(_ runtime: RuntimeHarness, _ request: String) async throws -> Task<String, any Error> {
        let connection = try await connect(runtime)
        let asked = Signal<Void>()
        let answer = Task {
            try await connection.executeThenClose { inbound, outbound in
                try await outbound.write(
                    ByteBuffer(string: "\(request)\r\nHost: x\r\nExpect: 100-continue\r\n\r\n"))
                var received = inbound.makeAsyncIterator()
                let first = try await received.next().map { String(buffer: $0) } ?? ""
                #expect(first == "HTTP/1.1 100 Continue\r\n\r\n")
                asked.send(())
                try await outbound.write(ByteBuffer(string: "--b"))
                var answer = ""
                while let part = try await received.next() { answer += String(buffer: part) }
                return answer
            }
        }
        try await asked.next()
        return answer
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["Content-Length: 1000", "Content-Length: 1000000"])
    func `a body that is on its way does not hold up the end, and the sender is told`(_ length: String)
        async throws
    {
        var setup = RuntimeHarness.Setup()
        setup.bodyTimeout = .seconds(3600)
        let answers = try await RuntimeHarness.run(configuration, secrets: secrets, setup: setup) {
            (runtime) async throws in
            [
                try await begin(
                    runtime,
                    "POST /api/webhooks/mail HTTP/1.1\r\n\(length)\r\nX-Webhook-Secret: k\r\n"
                        + "Content-Type: multipart/form-data; boundary=b"),
                try await begin(
                    runtime,
                    "POST /api/v1/tickets HTTP/1.1\r\n\(length)\r\nAuthorization: Bearer \(token)"),
            ]
        }
        for answer in answers {
            let text = try await answer.value
            #expect(text.hasPrefix("HTTP/1.1 503 "), "\(text)")
            #expect(text.contains("\r\nConnection: close\r\n"), "\(text)")
            #expect(text.contains("\r\nRetry-After: "), "\(text)")
            #expect(text.contains("the process is stopping"), "\(text)")
        }
    }

    /// The versions and codes of the answers to parts of which each is sent after the answer to the one before.
    private func answers(_ runtime: RuntimeHarness, to parts: [String]) async throws -> [String] {
        try await connect(runtime).executeThenClose { inbound, outbound in
            var answers: [String] = []
            var received = inbound.makeAsyncIterator()
            for part in parts {
                try await outbound.write(ByteBuffer(string: part))
                guard let answer = try await received.next() else { break }
                answers.append(String(String(buffer: answer).prefix("HTTP/1.1 000".count)))
            }
            return answers
        }
    }

    /// RFC 9110, section 10.1.1.
    @Test(.timeLimit(.minutes(5)))
    func `a sender that asks first is told to send its body, once it may`() async throws {
        try await RuntimeHarness.run(configuration, secrets: secrets) { (runtime) async throws in
            func head(_ authorization: String, length: Int) -> String {
                "POST /api/v1/tickets HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: \(length)\r\n"
                    + "Authorization: Bearer \(authorization)\r\n\r\n"
            }
            let body = #"{"subject":"a"}"#
            let taken = try await answers(runtime, to: [head(token, length: body.utf8.count), body])
            #expect(taken == ["HTTP/1.1 100", "HTTP/1.1 201"])
            #expect(
                try await answers(runtime, to: [head("wrong", length: 15)]) == ["HTTP/1.1 401"])
            #expect(
                try await answers(runtime, to: [head(token, length: 1 << 30)])
                    == ["HTTP/1.1 413"])
        }
    }

    /// As on a full disk: what the sender tries again later may be taken then.
    @Test func `a mail whose attachment cannot be written is to come again`() async throws {
        try await RuntimeHarness.run(configuration, secrets: secrets) { (runtime) async throws in
            // A file in the place of the folder.
            try runtime.folder.write("", to: "state.db.files")
            let answer = try await runtime.send(
                "POST", "/api/webhooks/mail",
                headers: [
                    "X-Webhook-Secret": "k", "Content-Type": "multipart/form-data; boundary=b",
                ],
                body: Array(
                    "--b\r\nContent-Disposition: form-data; name=\"attachment1\"; filename=\"a\"\r\n\r\nx\r\n--b--\r\n"
                        .utf8))
            #expect(answer.status == 503)
            #expect(answer.header("Retry-After") != nil)
        }
    }

    @Test(arguments: ["Content-Length: 1000", "Transfer-Encoding: chunked"])
    func `a sender that goes away in the middle leaves nothing, and is no error of ours`(_ length: String)
        async throws
    {
        let log = RecordingLog()
        var setup = RuntimeHarness.Setup()
        setup.logger = log.logger
        try await RuntimeHarness.run(configuration, secrets: secrets, setup: setup) {
            (runtime) async throws in
            let head =
                "POST /api/v1/tickets HTTP/1.1\r\nHost: x\r\n\(length)\r\nAuthorization: Bearer \(token)\r\n\r\n"
            try await connect(runtime).executeThenClose { _, outbound in
                try await outbound.write(ByteBuffer(string: head + "5\r\n{\"sub"))
            }
            #expect(try await runtime.create(#"{"subject":"a"}"#).status == 201)
            #expect(try await runtime.all("/api/v1/tickets").count == 1)
        }
        #expect(log.lines.filter { $0.level >= .error }.map(\.metadata) == [])
    }
}
