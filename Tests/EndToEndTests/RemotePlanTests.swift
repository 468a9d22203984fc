import Foundation
import Glibc
import JSON
import TestSupport
import Testing

@Suite("Planning and applying against a running sidecar", .timeLimit(.minutes(5)))
struct RemotePlanTests {
    private static let base =
        Resources.secret("desk-token", "env: DESK_TOKEN") + Resources.secret("spare", "env: SPARE")
        + Resources.token("ci", "desk-token", "config:read, sync:write")

    private func world() async throws -> (Workspace, SidecarProcess, [String]) {
        let world = try await Workspace(["base.yaml": Self.base])
        // The first round only: what is pushed later is for the plan to find.
        let (sidecar, port) = try await world.readySidecar(interval: "1h")
        try world.folder.write(Workspace.token + "\n", to: "token", mode: 0o600)
        return (world, sidecar, ["--server", "http://127.0.0.1:\(port)", "--token-file", "token"])
    }

    private func run(_ world: Workspace, _ arguments: [String]) async throws -> ProductBinary.Result {
        try await ProductBinary.run(arguments, in: world.folder.path, environment: world.environment)
    }

    @Test func `a plan compares with what is live there, and is applied there exactly once`() async throws {
        let (world, sidecar, server) = try await world()
        let source = ["--repo", world.repository.path, "--cache-dir", "ci.git"]
        let same = try await run(world, ["plan", "--detailed-exitcode"] + source + server)
        #expect(same.status == 0, "\(same)")
        #expect(same.output.contains("serial 1"))

        try await world.repository.commit(
            "One more", ["more.yaml": Resources.secret("more", "env: MORE")])
        let plan = try await run(
            world, ["plan", "--detailed-exitcode", "--out", "plan.json"] + source + server)
        #expect(plan.status == 2, "\(plan)")
        #expect(plan.output.contains("+ SecretReference/more"))
        #expect(plan.output.contains("Plan: 1 to create, 3 unchanged."))

        let apply = try await run(world, ["apply", "plan.json", "--yes"] + server)
        #expect(apply.status == 0, "\(apply)")
        #expect(apply.output.hasSuffix("\nApplied, serial 2.\n"))
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"2\"")
        let revision = try await world.status()["revisions"]?.array?.first
        #expect(revision?["appliedBy"] == "token:ci (api)")

        let again = try await run(world, ["apply", "plan.json", "--yes"] + server)
        #expect(again.status == 1, "\(again)")
        #expect(again.errors.contains("stale"))
    }

    @Test func `a plan tries conditions on the events there, and tells which secrets will rotate there`()
        async throws
    {
        let receiver = try StubReceiver()
        let ci =
            Resources.secret("ci-token", "env: CI_TOKEN")
            + Resources.token("ci", "ci-token", "config:read, events:read")
        var world = try await Workspace(
            receiver,
            more: ["ci.yaml": ci, "blind.yaml": Resources.token("blind", "erp-signing", "config:read")])
        world.environment["CI_TOKEN"] = "token-of-the-pipeline"
        world.environment["SAME"] = Workspace.signingSecret
        world.environment["OTHER"] = "another-secret"
        let (sidecar, port) = try await world.readySidecar(interval: "1h")
        for priority in ["high", "low", "low"] {
            try await world.send(Resources.event(data: "{\"priority\":\"\(priority)\"}"), to: port)
        }
        try await receiver.requests(3)
        try await world.repository.commit(
            "Only high",
            [
                "erp.yaml": Resources.subscription(
                    to: receiver.url, more: "filter: event.data.priority == 'high'"),
                "base.yaml": Resources.base.replacing("ERP_SECRET", with: "SAME").replacing(
                    "DESK_TOKEN", with: "OTHER"),
                "ci.yaml": ci.replacing("env: CI_TOKEN", with: "env: NOWHERE"),
            ])
        // The pipeline has none of the values.
        world.environment = [:]
        func plan(_ token: String, _ format: String) async throws -> ProductBinary.Result {
            try world.folder.write(token, to: "token", mode: 0o600)
            return try await world.run(
                "plan", "--repo", world.repository.path, "--cache-dir", "ci.git", "--format", format,
                "--server", "http://127.0.0.1:\(port)", "--token-file", "token")
        }
        for format in ["human", "json", "markdown"] {
            let result = try await plan("token-of-the-pipeline", format)
            #expect(result.status == 0, "\(result)")
            let text = result.output.replacing("\\", with: "")
            #expect(text.contains("would have delivered 1 of the last 3 events, was 3"), "\(result)")
            #expect(text.contains("its value stays the same"), "\(result)")
            #expect(text.contains("its value will rotate"), "\(result)")
            #expect(text.contains("its new value cannot be read there: "), "\(result)")
            for secret in [Workspace.signingSecret, Workspace.token, "another-secret", "token-of-the"] {
                #expect(!"\(result.output)\(result.errors)".contains(secret))
            }
        }
        let blind = try await plan(Workspace.signingSecret, "human")
        #expect(blind.status == 0, "\(blind)")
        #expect(blind.errors.contains("does not have the scope `events:read`"), "\(blind)")
        #expect(blind.output.contains("its value will rotate"))
        let path = "/api/v1/secret-references/rotation"
        for (body, status) in [("{}", 422), ("", 400), (#"{"items":[{"name":"x","from":{}}]}"#, 422)] {
            let answer = try await HTTPExchange.post(
                path, port: port, token: "token-of-the-pipeline", body: body)
            #expect(answer.status == status, "\(answer.text)")
        }
        let denied = try await HTTPExchange.post(path, port: port, token: Workspace.token, body: "{}")
        #expect(denied.status == 403)
        #expect(await sidecar.stop() == 0)
    }

    @Test func `a plan that deletes too much is refused there, too`() async throws {
        let (world, sidecar, server) = try await world()
        defer { sidecar.signal(SIGKILL) }
        try await world.repository.commit("Nothing left", ["base.yaml": ""])
        let source = ["--repo", world.repository.path, "--cache-dir", "ci.git"]
        let plan = try await run(world, ["plan", "--out", "plan.json"] + source + server)
        #expect(plan.status == 3, "\(plan)")
        let apply = try await run(world, ["apply", "plan.json", "--yes"] + server)
        #expect(apply.status == 3, "\(apply)")

        let text = try String(contentsOfFile: world.folder.appending("plan.json"), encoding: .utf8)
        let port = Int(server[1].split(separator: ":").last ?? "") ?? 0
        func send(_ query: String) async throws -> HTTPExchange.Answer {
            try await HTTPExchange.post(
                "/api/v1/apply\(query)", port: port, token: Workspace.token, body: text)
        }
        let refused = try await send("")
        #expect(refused.status == 409)
        #expect(try refused.json["type"]?.string?.hasSuffix("/refused") == true)
        #expect(try await send("?allowMassDelete=maybe").status == 422)
        let allowed = try await send("?allowMassDelete=true")
        #expect(allowed.status == 200, "\(allowed.text)")
    }

    @Test func `what is no plan, or an edited one, is stale`() async throws {
        let (world, sidecar, server) = try await world()
        defer { sidecar.signal(SIGKILL) }
        let port = Int(server[1].split(separator: ":").last ?? "") ?? 0
        for body in ["{}", "[]", "", "{\"formatVersion\":1,\"seal\":\"x\",\"plan\":{}}"] {
            let answer = try await HTTPExchange.post(
                "/api/v1/apply", port: port, token: Workspace.token, body: body)
            #expect(answer.status == 409, "\(answer.text)")
            #expect(try answer.json["type"]?.string?.hasSuffix("/stale") == true)
        }
        #expect(try await world.status()["serial"] == 1)
    }

    @Test func `a round of syncing is asked for and seen through the API`() async throws {
        let (world, sidecar, server) = try await world()
        let port = Int(server[1].split(separator: ":").last ?? "") ?? 0
        let commit = try await world.repository.commit(
            "More", ["more.yaml": Resources.secret("more", "env: MORE")])
        let asked = try await HTTPExchange.post("/api/v1/sync", port: port, token: Workspace.token, body: "")
        #expect(asked.status == 202, "\(asked.text)")
        #expect(try asked.json["serial"] == 1)
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"2\"")
        let now = try await HTTPExchange.get("/api/v1/sync", port: port, token: Workspace.token)
        #expect(try now.json["sync"]?["appliedCommit"]?.string == commit)
        #expect(try await HTTPExchange.get("/api/v1/sync", port: port).status == 401)
    }

    @Test func `a token without the scope may neither plan nor apply`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let (sidecar, port) = try await world.readySidecar()
        defer { sidecar.signal(SIGKILL) }
        for path in ["/api/v1/live", "/api/v1/sync"] {
            #expect(try await HTTPExchange.get(path, port: port, token: Workspace.token).status == 403)
        }
        for path in ["/api/v1/sync", "/api/v1/apply"] {
            let answer = try await HTTPExchange.post(path, port: port, token: Workspace.token, body: "{}")
            #expect(answer.status == 403)
        }
    }
}
