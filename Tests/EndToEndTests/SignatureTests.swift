import TestSupport
import Testing

@Suite("Signatures that receivers verify", .timeLimit(.minutes(5)))
struct SignatureTests {
    /// As the product's documentation gives it.
    private static let documented = """
        // Verify a Zentra outbound webhook in Node.js
        const crypto = require('crypto');
        function verify(rawBody, signatureHeader, secret) {
        const expected = crypto
        .createHmac('sha256', secret)
        .update(rawBody)
        .digest('hex');
        return crypto.timingSafeEqual(
        Buffer.from(expected),
        Buffer.from(signatureHeader)
        );
        }
        """

    @Test(.enabled(if: TestCommand.path(of: "node") != nil, "node is not installed"))
    func `the documented snippet accepts a request from the wire, and no changed one`() async throws {
        let receiver = try StubReceiver()
        let world = try await Workspace(receiver)
        let (sidecar, port) = try await world.readySidecar()
        try await world.send(
            Resources.event(data: #"{"id":"tkt_1","subject":"Ünïcode “quotes” \u0000","n":1.0}"#), to: port)
        let request = try await receiver.requests(1)[0]
        let signature = try #require(request["X-Zentra-Signature"])
        let snippet = try world.folder.write(
            Self.documented + """

                const [body, signature, secret] = process.argv.slice(2);
                console.log(verify(require('fs').readFileSync(body), signature, secret));
                """, to: "verify.js")
        func verify(_ body: String, _ secret: String = Workspace.signingSecret) async throws -> String {
            let file = try world.folder.write(body, to: "body")
            return try await TestCommand.run(["node", snippet, file, signature, secret])
        }
        #expect(try await verify(request.text) == "true")
        #expect(try await verify(request.text.replacing("tkt_1", with: "tkt_2")) == "false")
        #expect(try await verify(request.text + " ") == "false")
        #expect(try await verify(request.text, "another secret") == "false")
        #expect(await sidecar.stop() == 0)
    }

    @Test func `a secret may appear and change while the sidecar runs`() async throws {
        let receiver = try StubReceiver()
        var world = try await Workspace()
        world.environment["ERP_SECRET"] = nil
        let file = world.folder.appending("signing")
        try await world.repository.commit(
            "First",
            [
                "secrets.yaml": Resources.secret("erp-signing", "file: \(file)")
                    + Resources.secret("desk-token", "env: DESK_TOKEN"),
                "token.yaml": Resources.token("desk", "desk-token", "events:write"),
                "erp.yaml": Resources.subscription(to: receiver.url),
            ])
        let (sidecar, port) = try await world.readySidecar()
        try await world.send(to: port)
        let waiting = try await world.run("status")
        #expect(waiting.output.contains("cannot read `\(file)`: "), "\(waiting)")
        #expect(waiting.output.contains("Waiting     1 pending; secret:erp-signing does not resolve"))
        let check = try await world.run("secrets", "check")
        #expect(check.status == 1)
        #expect(check.errors == "error: 1 of 2 references does not resolve here\n")
        let list = try await world.run("deliveries", "list")
        #expect(list.output.contains("pending  0"), "waiting costs no attempt: \(list)")

        try world.folder.write("first\n", to: "signing")
        let first = try await receiver.requests(1)[0]
        #expect(try await signature(of: first, with: "first") == first["X-Zentra-Signature"])

        try world.folder.write("second\n", to: "signing")
        var count = 1
        while true {
            try await world.send(to: port)
            count += 1
            let request = try await receiver.requests(count)[count - 1]
            if try await signature(of: request, with: "second") == request["X-Zentra-Signature"] { break }
        }
        #expect(try await world.run("secrets", "check").status == 0)
        #expect(await sidecar.stop() == 0)
    }

    /// HMAC-SHA256 in hexadecimal digits, by another program than the one under test.
    private func signature(of request: StubReceiver.Request, with secret: String) async throws -> String {
        let line = try await TestCommand.run(
            ["openssl", "dgst", "-sha256", "-hmac", secret, "-r"], input: request.text)
        return String(line.prefix { $0 != " " })
    }
}
