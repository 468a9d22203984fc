import JSON
import Testing

@Suite(.timeLimit(.minutes(5))) struct VerificationTests {
    private func endpoint(_ verify: String) -> String {
        """
        ---
        kind: InboundEndpoint
        metadata: {name: hook}
        spec: {verify: {\(verify)}}

        """
    }

    private func send(_ runtime: RuntimeHarness, _ vector: Vector, body: String? = nil) async throws
        -> TestAnswer
    {
        let type = ["Content-Type": "text/plain"]
        return try await runtime.send(
            "POST", "/api/webhooks/hook", headers: type.merging(vector.headers) { $1 },
            body: Array((body ?? vector.body).utf8))
    }

    @Test(arguments: Vector.all)
    func `a published signature is accepted, for its own body and its own time`(_ vector: Vector) async throws
    {
        var setup = RuntimeHarness.Setup()
        setup.clock = FixedClock(seconds: vector.time)
        let secrets = ["inbound": vector.secret]
        try await RuntimeHarness.run(endpoint(vector.verify), secrets: secrets, setup: setup) {
            (runtime) async throws in
            #expect(try await send(runtime, vector).status == 202)
            #expect(try await send(runtime, vector, body: vector.body + " ").status == 401)
            try await runtime.setSecret("inbound", "whsec_AAAA")
            #expect(try await send(runtime, vector).status == 401)
        }
    }

    @Test(
        arguments: Vector.all.filter {
            ["slack", "stripe", "standard-v1", "standard-v1a", "svix"].contains($0.name)
        })
    func `a signature with an old or a future time stamp is refused`(_ vector: Vector) async throws {
        for distance in [-301, 301] {
            var setup = RuntimeHarness.Setup()
            setup.clock = FixedClock(seconds: vector.time + Int64(distance))
            let secrets = ["inbound": vector.secret]
            try await RuntimeHarness.run(endpoint(vector.verify), secrets: secrets, setup: setup) {
                (runtime) async throws in
                #expect(try await send(runtime, vector).status == 401)
            }
        }
    }

    @Test func `both secrets of a rotation are accepted`() async throws {
        let verify = "sharedSecret: {header: X-Webhook-Secret, secretRef: now, previousSecretRef: before}"
        try await RuntimeHarness.run(endpoint(verify), secrets: ["now": "new", "before": "old"]) {
            (runtime) async throws in
            for (secret, status) in [("new", 202), ("old", 202), ("other", 401), ("", 401)] {
                let answer = try await runtime.send(
                    "POST", "/api/webhooks/hook", headers: ["X-Webhook-Secret": secret], json: "{}")
                #expect(answer.status == status)
            }
        }
    }

    @Test func `basic authentication compares user and password`() async throws {
        let verify = "basic: {username: zentra, secretRef: inbound}"
        try await RuntimeHarness.run(endpoint(verify), secrets: ["inbound": "s3cret"]) {
            (runtime) async throws in
            func status(_ authorization: String) async throws -> Int {
                try await runtime.send(
                    "POST", "/api/webhooks/hook", headers: ["Authorization": authorization], json: "{}"
                ).status
            }
            #expect(try await status("Basic emVudHJhOnMzY3JldA==") == 202)
            #expect(try await status("Basic emVudHJhOg==") == 401)
        }
    }

    @Test func `an unresolved secret is 503, never a 4xx`() async throws {
        let verify = "sharedSecret: {header: X-Webhook-Secret, secretRef: inbound}"
        try await RuntimeHarness.run(endpoint(verify), secrets: ["inbound": ""]) { (runtime) async throws in
            let answer = try await runtime.send("POST", "/api/webhooks/hook", json: "{}")
            #expect(answer.status == 503)
            #expect(answer.header("Retry-After") != nil)
        }
    }
}
