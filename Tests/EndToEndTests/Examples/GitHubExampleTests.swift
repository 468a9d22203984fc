import JSON
import TestSupport
import Testing

@Suite("The example for GitHub over HTTP", .timeLimit(.minutes(5)))
struct GitHubExampleTests {
    private static let issue =
        #"{"number":1347,"title":"[INC-1] Export fails","html_url":"https://github.com/acme/app/issues/1347"}"#
    private let ticket = #"{"subject":"Export fails","category":"Software"}"#

    private let closed =
        #"{"action":"closed","issue":{"number":1347,"state":"closed","state_reason":"completed"},"#
        + #""repository":{"id":1,"full_name":"acme/app"},"sender":{"login":"octocat"}}"#

    private func headers(_ delivery: String) -> [String: String] {
        [
            "X-GitHub-Event": "issues", "X-GitHub-Delivery": delivery,
            "X-Hub-Signature-256": "sha256=" + Signature.hex(closed, "GITHUB_WEBHOOK_SECRET"),
        ]
    }

    private func expectGitHubHeaders(_ request: StubReceiver.Request) {
        #expect(request["Authorization"] == "Bearer github-token-77")
        #expect(request["Accept"] == "application/vnd.github+json")
        #expect(request["X-GitHub-Api-Version"] == "2022-11-28")
    }

    @Test func `a ticket becomes an issue, and closing that resolves the ticket`() async throws {
        let world = try await ExampleWorld(gitHub: { request in
            request.line.hasPrefix("POST") ? .init(201, body: Self.issue) : .init(200)
        })
        let desk = try await world.start()
        let made = try await desk.createTicket(ticket)
        let (id, key) = (made["id"]?.string ?? "", made["key"]?.string ?? "")
        let create = try await world.gitHub.requests(1)[0]
        #expect(create.line == "POST /repos/acme/app/issues HTTP/1.1")
        expectGitHubHeaders(create)
        #expect(create["Idempotency-Key"]?.isEmpty == false)
        #expect(
            try create.json == [
                "title": .string("[\(key)] Export fails"),
                "body": .string("From the service desk, ticket \(key)"),
                "labels": ["service-desk"],
            ])
        try await desk.ended("github-issue")
        let linked = try await desk.ticket(id)
        #expect(linked["external_key"]?.string == "github:acme/app#1347")
        #expect(
            linked["custom"]?["github_url"]?.string == "https://github.com/acme/app/issues/1347")

        #expect(try await desk.webhook("github", closed, headers: headers("d-1")).status == 202)
        // GitHub delivers again what it believes lost.
        #expect(try await desk.webhook("github", closed, headers: headers("d-1")).status == 200)
        try await desk.ended("github-issue-closed")
        #expect(try await desk.ticket(id)["status"]?.string == "resolved")

        let close = try await world.gitHub.requests(2)[1]
        #expect(close.line == "PATCH /repos/acme/app/issues/1347 HTTP/1.1")
        expectGitHubHeaders(close)
        #expect(try close.json == ["state": "closed", "state_reason": "completed"])
        try await desk.ended("github-close-issue")

        // Closed by hand again: the ticket is resolved already, and nothing goes round in a circle.
        #expect(try await desk.webhook("github", closed, headers: headers("d-2")).status == 202)
        let second = try await desk.ended("github-issue-closed", 2)[0]
        #expect(try await desk.step("resolve", of: second)["status"]?.string == "skipped")
        try await desk.ended("github-close-issue")
        #expect(world.gitHub.requests.count == 2)
        #expect(await desk.sidecar.stop() == 0)
    }

    @Test func `an issue whose answer was lost is found, not made twice`() async throws {
        let world = try await ExampleWorld(gitHub: { request in
            request.line.hasPrefix("POST") ? .none : .init(200, body: "[\(Self.issue)]")
        })
        let desk = try await world.start()
        let id = try await desk.createTicket(ticket)["id"]?.string ?? ""
        let run = try await desk.ended("github-issue")[0]
        #expect(run["status"]?.string == "succeeded")
        let requests = world.gitHub.requests
        #expect(requests.count == 2)
        #expect(
            requests.last?.line
                == "GET /repos/acme/app/issues?state=all&labels=service-desk&sort=created&direction=desc&per_page=100 HTTP/1.1"
        )
        #expect(requests.last?["Idempotency-Key"] == nil)
        if let look = requests.last { expectGitHubHeaders(look) }
        #expect(try await desk.ticket(id)["external_key"]?.string == "github:acme/app#1347")
        #expect(await desk.sidecar.stop() == 0)
    }

    @Test func `an issue that was not made is made by a retry, under the key that it had`() async throws {
        let world = try await ExampleWorld(gitHub: { request in
            switch request.number {
            case 1: .none
            case 2: .init(200, body: "[]")
            default: .init(201, body: Self.issue)
            }
        })
        let desk = try await world.start()
        let id = try await desk.createTicket(ticket)["id"]?.string ?? ""
        let failed = try await desk.ended("github-issue")[0]
        #expect(failed["status"]?.string == "failed")
        try await world.run("runs", "retry", failed["id"]?.string ?? "")
        let again = try await desk.ended("github-issue", 2)[0]
        #expect(again["status"]?.string == "succeeded")
        #expect(again["retryOf"] == failed["id"])
        let requests = world.gitHub.requests
        #expect(requests.map { String($0.line.prefix(4)) } == ["POST", "GET ", "POST"])
        #expect(requests[2]["Idempotency-Key"] == requests[0]["Idempotency-Key"])
        #expect(requests[2].body == requests[0].body)
        #expect(try await desk.ticket(id)["external_key"]?.string == "github:acme/app#1347")
        #expect(await desk.sidecar.stop() == 0)
    }
}
