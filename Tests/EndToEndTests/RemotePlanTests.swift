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

    @Test(.enabled(if: TestCertificate.isAvailable, "needs openssl"))
    func `a sidecar with a certificate of a private authority is reached by naming that`() async throws {
        let world = try await Workspace(["base.yaml": Self.base])
        let certificate = try await TestCertificate(in: world.folder)
        let (sidecar, port) = try await world.readySidecar([
            "--tls-certificate-file", certificate.certificateFile, "--tls-key-file", certificate.keyFile,
        ])
        try world.folder.write(Workspace.token + "\n", to: "token", mode: 0o600)
        let server = ["--server", "https://localhost:\(port)", "--token-file", "token"]
        let authority = ["--server-ca-file", certificate.certificateFile]
        let plan = ["plan", "--dir", world.repository.path, "--out", "plan.zsp"]
        let known = try await run(world, plan + server + authority)
        #expect(known.status == 0, "\(known)")
        let again = (server + authority).joined(separator: " ")
        #expect(known.errors.hasSuffix("`zentra-sync apply plan.zsp \(again)`\n"), "\(known)")
        let unknown = try await run(world, ["status"] + server)
        #expect(unknown.status == 1 && unknown.errors.contains("--server-ca-file"), "\(unknown)")
        try world.folder.write("nonsense", to: "bad.pem")
        let bad = try await run(world, ["status"] + server + ["--server-ca-file", "bad.pem"])
        #expect(bad.status == 1 && bad.errors.contains("`bad.pem` holds no certificate"), "\(bad)")
        #expect(await sidecar.stop() == 0)
    }

    @Test func `a token file that holds more than a token is refused, and not shown`() async throws {
        let folder = try TestFolder()
        for text in ["one\ncanary", "two canaries", "canary\u{E9}"] {
            try folder.write(text, to: "token")
            let result = try await ProductBinary.run(
                ["status", "--server", "http://127.0.0.1:1", "--token-file", "token"], in: folder.path)
            #expect(result.status == 1, "\(result)")
            #expect(result.errors.hasPrefix("error: the token file `token` does not hold a token\n"))
            #expect(!result.errors.contains("canar"), "\(result)")
        }
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
        #expect(
            plan.errors.hasSuffix("`zentra-sync apply plan.json \(server.joined(separator: " "))`\n"),
            "\(plan)")

        let apply = try await run(world, ["apply", "plan.json", "--yes"] + server)
        #expect(apply.status == 0, "\(apply)")
        #expect(apply.output.hasSuffix("\nApplied, serial 2.\n"))
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"2\"")
        let revision = try await world.status()["revisions"]?.array?.first
        #expect(revision?["appliedBy"] == "token:ci (api)")

        let deaf = try StubReceiver { request, _ in
            request.path == "/api/v1/live" ? .init(body: #"{"serial":1,"commit":"","resources":[]}"#) : .none
        }
        let address = ["--server", "http://127.0.0.1:\(deaf.port)", "--token-file", "token"]
        let lost = try await run(world, ["apply", "plan.json", "--yes"] + address)
        #expect(lost.status == 1, "\(lost)")
        let hint =
            "hint: `zentra-sync history \(address.joined(separator: " "))` shows whether it was applied\n"
        #expect(
            lost.errors.hasPrefix("error: cannot reach the sidecar") && lost.errors.hasSuffix(hint), "\(lost)"
        )

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

    @Test func `a plan asks a handful of times, however much there is to compare`() async throws {
        func config(_ filter: String) -> String {
            Self.base
                + (1...50).map {
                    Resources.subscription(
                        "s\($0)", to: "https://erp.example.com/\($0)", events: "ticket.created",
                        signing: "desk-token", more: "filter: \(filter)")
                }.joined()
        }
        let world = try await Workspace(["base.yaml": config("event.data.priority == 'high'")])
        let (real, port) = try await world.readySidecar(interval: "1h")
        let live = try await HTTPExchange.get("/api/v1/live", port: port, token: Workspace.token).text
        #expect(await real.stop() == 0)
        // The same with any number of events, which counts the questions.
        let sidecar = try StubReceiver { request, _ in
            if request.path == "/api/v1/live" { return .init(body: live) }
            guard request.path.hasPrefix("/api/v1/events?") else { return .init(404, body: "{}") }
            let page = request.path.split(separator: "cursor=").dropFirst().first.flatMap { Int($0) } ?? 0
            let events = (0..<200).map { number -> JSONValue in
                [
                    "id": .string("evt_\(page)_\(number)"), "event": "ticket.created",
                    "ts": "2026-05-05T11:45:07Z", "data": ["priority": "high"],
                ]
            }
            return .init(
                body: JSONValue.object(["items": .array(events), "nextCursor": .string("\(page + 1)")]).text)
        }
        try world.folder.write("token", to: "token")
        try await world.repository.commit("Low", ["base.yaml": config("event.data.priority == 'low'")])
        let plan = try await run(
            world,
            [
                "plan", "--repo", world.repository.path, "--server", "http://127.0.0.1:\(sidecar.port)",
                "--token-file", "token",
            ])
        #expect(plan.status == 0, "\(plan)")
        #expect(plan.output.contains("Plan: 50 to update"), "\(plan)")
        #expect(
            plan.output.contains("would have delivered 0 of the last 1,000 events, was 1,000"), "\(plan)")
        let asked = sidecar.requests.map(\.path)
        #expect(asked.count <= 8, "\(asked)")
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

    @Test func `what is no plan, or an edited one, is stale; what is no JSON cannot be parsed`() async throws
    {
        let (world, sidecar, server) = try await world()
        defer { sidecar.signal(SIGKILL) }
        let port = Int(server[1].split(separator: ":").last ?? "") ?? 0
        for body in ["{}", "[]", "{\"formatVersion\":1,\"seal\":\"x\",\"plan\":{}}"] {
            let answer = try await HTTPExchange.post(
                "/api/v1/apply", port: port, token: Workspace.token, body: body)
            #expect(answer.status == 409, "\(answer.text)")
            #expect(try answer.json["type"]?.string?.hasSuffix("/stale") == true)
        }
        for body in ["", "{", "plan", "{}{}"] {
            let answer = try await HTTPExchange.post(
                "/api/v1/apply", port: port, token: Workspace.token, body: body)
            #expect(answer.status == 400, "\(answer.text)")
            #expect(try answer.json["type"]?.string?.hasSuffix("/malformed") == true)
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

    @Test func `status, history and secrets are seen from elsewhere as they are beside it`() async throws {
        let (world, sidecar, server) = try await world()
        try await world.repository.commit(
            "More", ["more.yaml": Resources.secret("more", "env: MORE")])
        try await world.apply()
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"2\"")
        #expect(try await world.run("suspend", "SecretReference/spare", "--reason", "freeze").status == 0)
        #expect(try await world.run("rollback", "1", "--yes").status == 0)
        try await sidecar.log.line(with: "held: revision 1 is pinned")
        // Ages differ by the moment of the look, and the sidecar may look once more.
        func text(_ result: ProductBinary.Result) -> String {
            result.output.replacing(/\d+s ago/, with: "now")
                .replacing(/"last(Attempt|Success)": "[^"]+"/, with: "")
        }
        for command in [
            ["status"], ["status", "--format", "json"], ["history"], ["history", "--format", "json"],
            ["history", "--limit", "1"],
        ] {
            let here = try await run(world, command)
            // Elsewhere there is no state.
            let there = try await run(world, command + server + ["--state", "nowhere.db"])
            #expect(here.status == 0 && there.status == 0, "\(there)")
            #expect(text(here) == text(there), "\(there)")
        }
        let history = try await run(world, ["history"] + server)
        #expect(history.output.contains("applied, pinned"), "\(history)")
        let status = try await run(world, ["status"] + server)
        #expect(status.output.contains("everything but revision 1") && status.output.contains("freeze"))

        // This process has the token alone; the sidecar has neither of the others.
        let secrets = try await run(world, ["secrets", "check", "--format", "json"] + server)
        #expect(secrets.status == 1, "\(secrets)")
        let items = try JSONValue(parsing: secrets.output).array ?? []
        #expect(items.map { $0["resolves"]?.bool } == [true, false], "\(secrets)")
        #expect(items.map { $0["from"]?.string } == ["env DESK_TOKEN", "env SPARE"], "\(secrets)")
        #expect(secrets.errors == "error: 1 of 2 references does not resolve there\n")
        for command in [["status"], ["history"], ["secrets", "check"]] {
            try world.folder.write("another", to: "token")
            let denied = try await run(world, command + server)
            #expect(
                denied.status == 1 && denied.errors.hasPrefix("error: the sidecar answered 401"), "\(denied)")
            #expect(denied.errors.contains("\nhint: the file of the token has to hold"), "\(denied)")
            #expect(denied.output.isEmpty)
        }
        #expect(try await run(world, ["secrets", "check", "--dir", "."] + server).status == 64)
        #expect(await sidecar.stop() == 0)
    }

    @Test func `an answer of which a part cannot be understood is none`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let pinned = #"{"target":"rollback","pinnedSerial":1}"#
        let escaping = """
            {"kind":"SecretReference","name":"../../out","digest":"","protected":false,"file":"","line":0,"commit":"",
             "resource":{"apiVersion":"sync.zentra.dev/v1","kind":"SecretReference","metadata":{"name":"../../out"},
                         "spec":{"from":{"env":"OUT"}}}}
            """
        for (resources, suspensions, command, problem) in [
            ("", pinned, ["plan", "--dir", "."], "cannot read what is live from the sidecar's answer"),
            (escaping, "", ["dump", "in/side"], "cannot write a live SecretReference"),
        ] {
            let text =
                #"{"serial":1,"commit":"","resources":[\#(resources)],"suspensions":[\#(suspensions)]}"#
            let liar = try StubReceiver { _, _ in .init(body: text) }
            try world.folder.write("token", to: "token")
            let result = try await run(
                world, command + ["--server", "http://127.0.0.1:\(liar.port)", "--token-file", "token"])
            #expect(result.status == 1 && result.errors.contains(problem), "\(result)")
            #expect(!world.folder.exists("out.yaml"))
        }
    }

    @Test func `a token without the scope may neither plan nor apply`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let (sidecar, port) = try await world.readySidecar()
        defer { sidecar.signal(SIGKILL) }
        for path in ["/api/v1/live", "/api/v1/sync", "/api/v1/revisions"] {
            #expect(try await HTTPExchange.get(path, port: port, token: Workspace.token).status == 403)
        }
        for path in ["/api/v1/sync", "/api/v1/apply"] {
            let answer = try await HTTPExchange.post(path, port: port, token: Workspace.token, body: "{}")
            #expect(answer.status == 403)
        }
    }
}
