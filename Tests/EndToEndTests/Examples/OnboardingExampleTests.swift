import JSON
import TestSupport
import Testing

@Suite("The example for onboarding over HTTP", .timeLimit(.minutes(5)))
struct OnboardingExampleTests {
    /// What the HR system sends; the first day is over, so that nobody waits for it.
    private func hired(_ message: String = "msg-1") -> String {
        #"{"id":"\#(message)","type":"employee.hired","employee":{"id":"4711","name":"Ada Byron","#
            + #""email":"ada@example.com","manager_email":"charles@example.com","start_date":"2026-01-12"}}"#
    }

    private let headers = ["X-Webhook-Secret": ExampleWorld.secrets["HR_WEBHOOK_SECRET"] ?? ""]
    private let hurry = ["timeout: 5d": "timeout: 200ms", "timeout: 3d": "timeout: 200ms"]

    private func hire(_ desk: ExampleDesk) async throws {
        let answer = try await desk.webhook("hr", hired(), headers: headers)
        #expect(answer.status == 202, "\(answer.text)")
        #expect(try answer.json["runs"]?.int == 1)
    }

    @Test func `account and laptop come side by side, and a restart in the days between changes nothing`()
        async throws
    {
        let world = try await ExampleWorld()
        let first = try await world.start()
        #expect(try await first.webhook("hr", hired(), headers: [:]).status == 401)
        try await hire(first)
        let account = try await world.identityProvider.requests(1)[0]
        #expect(account.line == "POST /scim/v2/Users HTTP/1.1")
        #expect(account["Content-Type"] == "application/scim+json")
        #expect(account["Authorization"] == "Bearer scim-token-81")
        #expect(account["Idempotency-Key"]?.isEmpty == false)
        #expect(
            try account.json == [
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "externalId": "4711",
                "userName": "ada@example.com", "active": true, "name": ["formatted": "Ada Byron"],
                "emails": [["value": "ada@example.com", "type": "work", "primary": true]],
            ])
        // The run waits for the laptop now, which takes days.
        while try await first.items("/api/v1/runs?workflow=onboarding&status=waiting").isEmpty {
            try Task.checkCancellation()
        }
        await first.sidecar.kill()

        let desk = try await world.start()
        // Told again under another id: the person is known.
        let again = try await desk.webhook("hr", hired("msg-2"), headers: headers)
        #expect(try again.json["runs"]?.int == 0)
        let laptop = try await desk.ticket(externalKey: "hr:4711:laptop")
        #expect(laptop["type"]?.string == "request")
        #expect(laptop["subject"]?.string == "Laptop for Ada Byron")
        try await desk.change(laptop["id"]?.string ?? "", #"{"status":"resolved"}"#)

        let run = try await desk.ended("onboarding")[0]
        #expect(run["status"]?.string == "succeeded")
        let steps = try await desk.get("/api/v1/runs/\(run["id"]?.string ?? "")")["steps"]?.array ?? []
        #expect(!steps.contains { $0["step"]?.string == "remind" }, "nobody was reminded")
        let request = try await desk.ticket(externalKey: "hr:4711")
        #expect(request["status"]?.string == "resolved")
        #expect(request["requester_email"]?.string == "charles@example.com")
        #expect(world.identityProvider.requests.count == 1)
        #expect(world.chat.requests.count == 1)
        let welcome = world.chat.requests[0]
        #expect(welcome.line == "POST /services/T0/B0/secret HTTP/1.1")
        #expect(try welcome.json == ["text": "Welcome, Ada Byron!"])
        #expect(!desk.sidecar.log.text.contains("/services/T0"))
        #expect(await desk.sidecar.stop() == 0)
    }

    @Test func `a laptop that does not come is reminded of, and becomes urgent`() async throws {
        let world = try await ExampleWorld(
            identityProvider: { _ in .init(409, body: #"{"scimType":"uniqueness","status":"409"}"#) },
            changes: hurry)
        let desk = try await world.start()
        try await hire(desk)
        let run = try await desk.ended("onboarding")[0]
        #expect(run["status"]?.string == "succeeded", "\(run.text)")
        let laptop = try await desk.ticket(externalKey: "hr:4711:laptop")
        #expect(laptop["priority"]?.string == "high")
        #expect(
            try world.chat.requests.map { try $0.json["text"]?.string } == [
                "\(laptop["key"]?.string ?? ""): the laptop for Ada Byron is still open",
                "Welcome, Ada Byron!",
            ])
        #expect(await desk.sidecar.stop() == 0)
    }

    @Test func `an account that is refused is told in the chat, and the laptop goes on all the same`()
        async throws
    {
        let world = try await ExampleWorld(identityProvider: { _ in .init(403) }, changes: hurry)
        let desk = try await world.start()
        try await hire(desk)
        let run = try await desk.ended("onboarding")[0]
        #expect(run["status"]?.string == "failed")
        #expect(run["error"]?["step"]?.string == "account")
        #expect(try await desk.ticket(externalKey: "hr:4711:laptop")["priority"]?.string == "high")
        #expect(try await desk.ticket(externalKey: "hr:4711")["status"]?.string == "new")
        let told = try world.chat.requests.last?.json["text"]?.string
        #expect(told == "Onboarding of Ada Byron stopped at account: the answer is 403")
        #expect(await desk.sidecar.stop() == 0)
    }
}
