import Foundation
import JSON
import TestSupport
import Testing

@Suite("Secrets stay secret", .timeLimit(.minutes(5)))
struct CanaryTests {
    /// Values that must be found nowhere but in the requests that need them.
    private static let canaries = [
        "canary-from-env", "canary-from-file", "canary-of-a-token", "canary-in-a-path", "canary-in-a-query",
        "canary-of-git", "canary-of-push",
    ]

    @Test func `planted secrets are in no output, log, answer or file`() async throws {
        let receiver = try StubReceiver { request, _ in
            .init(request.path.hasPrefix("/canary") && !request.text.contains("ticket.resolved") ? 503 : 200)
        }
        let closed = try LoopbackListener.freePort()
        var world = try await Workspace()
        let file = try TestFolder()
        let signing = try file.write("canary-from-file\n", to: "signing")
        let pushSecret = try file.write("canary-of-push\n", to: "push")
        let gitToken = try file.write("canary-of-git\n", to: "git")
        world.environment = [
            "ERP_SECRET": "canary-from-env", "DESK_TOKEN": "canary-of-a-token",
            "CHAT_URL": "\(receiver.url.replacing("hooks", with: "canary-in-a-path"))?key=canary-in-a-query",
            "DOWN_URL": "http://127.0.0.1:\(closed)/canary-in-a-path?key=canary-in-a-query",
            "BLOCKED_URL": "http://10.1.2.3/canary-in-a-path?key=canary-in-a-query",
            "BAD_URL": "canary-in-a-path is no URL",
            "ODD_URL": "https://chat.example.com:canary-in-a-path/x",
            "SPLIT_URL": "https://canary-in-a-path chat.example.com/x",
        ]
        let urls = ["chat-url", "down-url", "blocked-url", "bad-url", "odd-url", "split-url"]
        try await world.repository.commit(
            "First",
            [
                "secrets.yaml": Resources.secret("erp-signing", "env: ERP_SECRET")
                    + Resources.secret("file-signing", "file: \(signing)")
                    + Resources.secret("desk-token", "env: DESK_TOKEN")
                    + urls.map {
                        Resources.secret($0, "env: \($0.uppercased().replacing("-", with: "_"))")
                    }.joined(),
                "token.yaml": Resources.token("desk", "desk-token", "admin"),
                "subscriptions.yaml": Resources.subscription(to: receiver.url, signing: "file-signing")
                    + urls.map(subscription).joined(),
            ])
        var outputs: [String] = []
        func note(_ arguments: String...) async throws {
            let result = try await ProductBinary.run(
                arguments, in: world.folder.path, environment: world.environment)
            outputs.append("\(result)")
        }
        for format in ["human", "json", "markdown"] {
            try await note("plan", "--repo", world.repository.path, "--format", format, "--out", "plan.json")
        }
        let (sidecar, port) = try await world.readySidecar([
            "--log-level", "trace", "--push-secret-file", pushSecret,
        ])
        for type in ["ticket.created", "ticket.resolved"] {
            let answer = try await HTTPExchange.post(
                "/api/v1/events", port: port, token: "canary-of-a-token", body: Resources.event(type))
            #expect(answer.status == 202, "\(answer.text)")
        }
        try await sidecar.log.line(with: "\"subscription\":\"down-url\"", "\"attempt\":\"2\"")
        try await sidecar.log.line(with: "\"subscription\":\"blocked-url\"", "\"class\":\"blocked\"")
        try await sidecar.log.line(with: "\"subscription\":\"chat-url\"", "\"attempt\":\"2\"")
        for name in ["bad-url", "odd-url", "split-url"] {
            try await sidecar.log.line(
                with: "\"subscription\":\"\(name)\"", "is not a URL to send to", "\"attempt\":\"1\"")
        }
        try await receiver.requests { requests in requests.contains { $0.path == "/hooks" } }

        for headers in [
            ["X-Gitlab-Event": "Push Hook", "X-Gitlab-Token": "canary-of-push"],
            ["X-Gitlab-Event": "Push Hook", "X-Gitlab-Token": "canary-of-push-not"],
            ["X-GitHub-Event": "push", "X-Hub-Signature-256": "sha256=00"],
        ] {
            let answer = try await HTTPExchange.post(
                "/api/v1/sync/push", port: port, body: "{}", headers: headers)
            outputs.append(answer.head + answer.text)
        }
        // The reference points elsewhere, so the plan compares fingerprints.
        try await world.repository.commit(
            "Rotate", ["more.yaml": Resources.secret("more", "env: ERP_SECRET")])
        for format in ["human", "json", "markdown"] {
            try await note("plan", "--repo", world.repository.path, "--format", format, "--out", "plan.json")
        }
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"2\"")
        try await note("rollback", "1", "--yes", "--reason", "a test")
        try await note("suspend", "Subscription/erp", "--reason", "a test")
        try await note("plan", "--repo", world.repository.path)
        try await note("history")
        try await note("history", "--format", "json")
        try await note("status")
        try await note("status", "--format", "json")
        try await note("secrets", "check")
        try await note("secrets", "check", "--format", "json")
        try await note("events", "list", "--format", "json")
        try await note("deliveries", "list")
        let list = try await world.run("deliveries", "list", "--format", "json")
        outputs.append("\(list)")
        for item in try JSONValue(parsing: list.output)["items"]?.array ?? [] {
            let id = item["id"]?.string ?? ""
            try await note("deliveries", "show", id)
            let path = "/api/v1/deliveries/\(id)"
            outputs.append(try await HTTPExchange.get(path, port: port, token: "canary-of-a-token").text)
        }
        for path in ["/api/v1/events", "/api/v1/deliveries", "/livez", "/readyz"] {
            let answer = try await HTTPExchange.get(path, port: port, token: "canary-of-a-token")
            #expect(answer.status == 200, "\(path)")
            outputs.append(answer.head + answer.text)
        }
        for path in [
            "live", "sync", "revisions", "secret-references", "subscriptions", "api-tokens", "runs",
            "openapi.json",
        ] {
            let answer = try await HTTPExchange.get(
                "/api/v1/\(path)", port: port, token: "canary-of-a-token")
            #expect(answer.status == 200, "\(path)")
            outputs.append(answer.head + answer.text)
        }
        let rotation = try await HTTPExchange.post(
            "/api/v1/secret-references/rotation", port: port, token: "canary-of-a-token",
            body: #"{"items":[{"name":"erp-signing","from":{"file":"\#(signing)"}}]}"#)
        #expect(rotation.text.contains("rotates"), "\(rotation.text)")
        outputs.append(rotation.head + rotation.text)
        let adminPort = try await sidecar.adminPort
        for path in ["/", "/metrics", "/syncz", "/subscriptions/chat-url"] {
            outputs.append(try await HTTPExchange.get(path, port: adminPort).text)
        }
        #expect(outputs.contains { $0.contains("<html") } && outputs.contains { $0.contains("# HELP") })
        try file.write("canary-of-a-token", to: "token")
        let server = ["--server", "http://127.0.0.1:\(port)", "--token-file", file.appending("token")]
        for format in ["human", "json", "markdown"] {
            let result = try await ProductBinary.run(
                ["plan", "--repo", world.repository.path, "--format", format] + server, in: world.folder.path)
            outputs.append("\(result)")
        }
        try await note("dump")
        try await note("doctor", "--repo", world.repository.path)
        try await note("doctor", "--format", "json")
        let wrong = try await HTTPExchange.get("/api/v1/events", port: port, token: "canary-of-a-token-not")
        outputs.append(wrong.text)
        try await note(
            "plan", "--repo", "https://me@127.0.0.1:\(closed)/x.git?canary-in-a-query", "--git-token-file",
            gitToken)
        try await note("plan", "--repo", "https://me:canary-of-git@127.0.0.1:\(closed)/x.git")
        await sidecar.kill()

        outputs.append(sidecar.log.text)
        for canary in Self.canaries {
            for output in outputs where !output.contains("zentra-sync plan --repo https://me") {
                #expect(!output.contains(canary), "\(canary) in \(output)")
            }
            for name in try world.files() {
                #expect(try !world.file(name, contains: canary), "\(canary) in \(name)")
            }
        }
        // The two command lines above hold canaries themselves; what the program said to them must not.
        for output in outputs where output.contains("zentra-sync plan --repo https://me") {
            let said = output.split(separator: "\n").dropFirst().joined(separator: "\n")
            #expect(said.hasPrefix("error: "), "\(said)")
            for canary in Self.canaries { #expect(!said.contains(canary), "\(canary) in \(said)") }
        }
        #expect(receiver.requests.contains { $0.path == "/canary-in-a-path?key=canary-in-a-query" })
    }

    /// A subscription whose URL is the secret.
    private func subscription(_ url: String) -> String {
        Resources.subscription(url, to: "x").replacing(
            "targetURL: x", with: "targetURLFrom: {secretRef: \(url)}")
    }
}

extension Workspace {
    /// Every file of the folder, the state with its log among them.
    fileprivate func files() throws -> [String] {
        let all = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        #expect(
            all.contains("zentra-sync.db") && all.contains("zentra-sync.db-wal") && all.contains("plan.json"))
        return all
    }

    fileprivate func file(_ name: String, contains text: String) throws -> Bool {
        let path = folder.appending(name)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
            return false
        }
        return try Data(contentsOf: URL(filePath: path)).range(of: Data(text.utf8)) != nil
    }
}
