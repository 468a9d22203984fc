import JSON
import Testing

@Suite(.timeLimit(.minutes(5))) struct EventIngestTests {
    @Test func `an accepted event arrives signed at its subscriber`() async throws {
        try await StubReceiver.run { receiver in
            let secrets = ["api-token": token, "signing": "s3cret"]
            try await RuntimeHarness.run(adminToken + subscription(to: receiver.url), secrets: secrets) {
                runtime in
                let body = #"{"event":"ticket.created","data":{"id":"tkt_1"}}"#
                let answer = try await runtime.send("POST", "/api/v1/events", token: token, json: body)
                #expect(answer.status == 202)
                #expect(try answer.json["deliveries"]?.int == 1)
                let received = try await receiver.requests.next()
                #expect(received.header("X-Zentra-Signature") == hmac(received.body, key: "s3cret"))
                #expect(try received.json["data"] == ["id": "tkt_1"])
            }
        }
    }

    @Test(arguments: [
        (#"["status"]"#, 202), ("[]", 202), ("[1]", 422), (#"["status",null]"#, 422), ("{}", 422),
    ])
    func `what has changed is a list of names`(_ changed: String, _ status: Int) async throws {
        try await RuntimeHarness.run(adminToken, secrets: ["api-token": token]) { runtime in
            let answer = try await runtime.send(
                "POST", "/api/v1/events", token: token,
                json: #"{"event":"ticket.updated","data":{},"changed":\#(changed)}"#)
            #expect(answer.status == status)
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct EventContentTypeTests {
    @Test(arguments: [
        ("application/json", 202), ("application/x-www-form-urlencoded", 202), ("text/xml", 415),
    ])
    func `takes JSON also under the type that curl sends by itself`(_ type: String, _ status: Int)
        async throws
    {
        try await RuntimeHarness.run(adminToken, secrets: ["api-token": token]) { runtime in
            let answer = try await runtime.send(
                "POST", "/api/v1/events", token: token, headers: ["Content-Type": type],
                body: Array(#"{"event":"ticket.created","data":{}}"#.utf8))
            #expect(answer.status == status)
        }
    }
}
