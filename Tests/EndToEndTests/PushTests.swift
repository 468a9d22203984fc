import Foundation
import Glibc
import JSON
import TestSupport
import Testing

@Suite("Webhooks and statuses of the git host", .timeLimit(.minutes(5)))
struct PushTests {
    private static let secret = "secret of the git host"

    private func signature(_ body: String) async throws -> String {
        let line = try await TestCommand.run(
            ["openssl", "dgst", "-sha256", "-hmac", Self.secret], input: body)
        return line.split(separator: " ").last.map(String.init) ?? ""
    }

    @Test func `a signed push syncs now, a forged one does not, and a storm of pushes arrives whole`()
        async throws
    {
        let world = try await Workspace(["base.yaml": Resources.base])
        try world.folder.write(Self.secret + "\n", to: "push-secret")
        let (sidecar, port) = try await world.readySidecar(
            interval: "1h", ["--push-secret-file", "push-secret"])
        let body = "{\"ref\":\"refs/heads/main\"}"
        let signature = try await self.signature(body)
        func push(_ signature: String, event: String = "push") async throws -> HTTPExchange.Answer {
            try await HTTPExchange.post(
                "/api/v1/sync/push", port: port, body: body,
                headers: ["X-GitHub-Event": event, "X-Hub-Signature-256": "sha256=\(signature)"])
        }
        let forged = try await push(String(repeating: "0", count: 64))
        #expect(forged.status == 401)
        let ping = try await push(signature, event: "ping")
        #expect(ping.status == 202 && ping.text == "{\"sync\":false}")

        let second = try await world.repository.commit(
            "Second", ["more.yaml": Resources.secret("more", "env: MORE")])
        #expect(try await push(signature).text == "{\"sync\":true}")
        try await sidecar.log.line(with: "\"message\":\"applied\"", second)

        // 200 pushes in a row: whatever is coalesced or turned away, the last commit becomes live.
        var accepted = 0
        for number in 1...200 {
            try await world.repository.push(
                "Push \(number)", file: "more.yaml", text: Resources.secret("more", "env: MORE_\(number)"))
            let status = try await push(signature).status
            #expect(status == 202 || status == 429)
            if status == 202 { accepted += 1 }
        }
        #expect(accepted > 0)
        let head = try await world.repository.head
        while try await world.status()["sync"]?["appliedCommit"]?.string != head {
            _ = try await push(signature)
            try Task.checkCancellation()
        }
        #expect(try await world.status()["serial"]?.int ?? .max < 202)

        // A rotated secret needs no restart.
        try world.folder.write("another", to: "push-secret")
        while try await push(signature).status == 202 { try Task.checkCancellation() }
        #expect(await sidecar.stop() == 0)
    }

    @Test(.enabled(if: GitHTTPServer.missing == nil, "needs nginx, fcgiwrap, openssl and git-http-backend"))
    func `two hundred pushes to a server in a row, and a token that is rotated among them`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let server = try await GitHTTPServer(password: "first-canary")
        try world.folder.write("first-canary\n", to: "git-token")
        try world.folder.write(Self.secret + "\n", to: "push-secret")
        let sidecar = try SidecarProcess(
            [
                "--repo", server.url(of: world.repository), "--git-token-file", "git-token",
                "--git-username", "git", "--ca-file", server.caFile, "--interval", "1h",
                "--push-secret-file", "push-secret",
            ], in: world.folder.path, environment: world.environment)
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"1\"")
        let port = try await sidecar.port
        let body = "{\"ref\":\"refs/heads/main\"}"
        let signature = try await self.signature(body)
        func push() async throws -> Int {
            try await HTTPExchange.post(
                "/api/v1/sync/push", port: port, body: body,
                headers: ["X-GitHub-Event": "push", "X-Hub-Signature-256": "sha256=\(signature)"]
            ).status
        }
        for number in 1...200 {
            try await world.repository.push(
                "Push \(number)", file: "more.yaml", text: Resources.secret("more", "env: MORE_\(number)"))
            if number == 100 {
                try server.change(password: "second-canary")
                try world.folder.write("second-canary\n", to: "git-token")
            }
            #expect([202, 429].contains(try await push()))
        }
        let head = try await world.repository.head
        while try await world.status()["sync"]?["appliedCommit"]?.string != head {
            _ = try await push()
            try Task.checkCancellation()
        }
        let status = try await world.status()
        #expect(status["serial"]?.int ?? .max <= 201, "no push is applied twice")
        #expect(status["resources"]?.array?.count == 4)
        let dump = try await world.run("dump")
        #expect(dump.output.contains("env: MORE_200"), "\(dump)")
        // Packs are merged on the way, and no fetch leaves anything behind.
        let cache =
            FileManager.default.enumerator(atPath: world.state + ".git")?.allObjects as? [String] ?? []
        let packs = cache.filter { $0.hasSuffix(".pack") }
        #expect(1...51 ~= packs.count, "\(packs)")
        #expect(!cache.contains { $0.hasSuffix(".lock") || $0.contains("pack_git2") || $0.hasSuffix(".new") })
        #expect(await sidecar.stop() == 0)
        #expect(!sidecar.log.text.contains("canary"))
    }

    @Test func `without a secret there is no route`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let (sidecar, port) = try await world.readySidecar()
        let answer = try await HTTPExchange.post("/api/v1/sync/push", port: port, body: "{}")
        #expect(answer.status == 404)
        #expect(await sidecar.stop() == 0)
    }

    @Test(
        .enabled(if: GitHTTPServer.missing == nil, "needs nginx, fcgiwrap, openssl and git-http-backend"),
        arguments: ["/api/v3", "/api/v4"])
    func `the git host hears what became of each commit`(_ api: String) async throws {
        // The second status of a commit meets the host at a bad moment.
        let host = try StubReceiver { request, _ in request.number == 2 ? .init(503) : .init(201) }
        let world = try await Workspace(["base.yaml": Resources.base])
        let server = try await GitHTTPServer(password: "unused")
        try world.folder.write("token-of-the-host\n", to: "token")
        let first = try await world.repository.head
        let sidecar = try SidecarProcess(
            [
                "--repo", server.plainURL(of: world.repository), "--interval", "1s", "--status-token-file",
                "token", "--status-api", "http://127.0.0.1:\(host.port)\(api)",
            ], in: world.folder.path, environment: world.environment)
        let isGitLab = api == "/api/v4"
        let path = world.repository.path.dropFirst()
        @Sendable func url(_ commit: String) -> String {
            isGitLab
                ? "\(api)/projects/\(path.replacing("/", with: "%2F"))/statuses/\(commit)"
                : "\(api)/repos/\(path)/statuses/\(commit)"
        }
        @Sendable func states(_ requests: [StubReceiver.Request], of commit: String) -> [String] {
            requests.filter { $0.path == url(commit) }.compactMap {
                (try? JSONValue(parsing: $0.body))?["state"]?.string
            }
        }
        let live = try await host.requests { states($0, of: first).count >= 3 }
        #expect(states(live, of: first) == ["pending", "success", "success"], "the 503 is tried again")
        let body = try JSONValue(parsing: live[0].body)
        #expect(body[isGitLab ? "name" : "context"]?.string == "zentra-sync")
        let token = isGitLab ? live[0]["PRIVATE-TOKEN"] : live[0]["Authorization"]
        #expect(token == (isGitLab ? "token-of-the-host" : "Bearer token-of-the-host"))

        let broken = try await world.repository.commit("Break it", ["base.yaml": "kind: Nothing\n"])
        let failed = try await host.requests { states($0, of: broken).count >= 2 }
        #expect(states(failed, of: broken) == ["pending", isGitLab ? "failed" : "failure"])
        let reason = try JSONValue(parsing: failed.last?.body ?? [])["description"]?.string ?? ""
        #expect(reason.contains("base.yaml:1:1"), "\(reason)")
        #expect(reason.count <= (isGitLab ? 255 : 140))
        // Rounds that find nothing else say nothing more.
        for _ in 0..<3 {
            let before = try await world.status()["sync"]?["lastAttempt"]?.string
            while try await world.status()["sync"]?["lastAttempt"]?.string == before {
                try Task.checkCancellation()
            }
        }
        #expect(states(host.requests, of: broken).count == 2)
        #expect(states(host.requests, of: first).count == 3)
        #expect(await sidecar.stop() == 0)
        #expect(!sidecar.log.all.joined().contains("token-of-the-host"))
    }

    @Test(.enabled(if: GitHTTPServer.missing == nil, "needs nginx, fcgiwrap, openssl and git-http-backend"))
    func `the status says which environment it is about`() async throws {
        let host = try StubReceiver { _, _ in .init(201) }
        let world = try await Workspace([
            "base/base.yaml": Resources.base, "env/prod/values.yaml": "region: eu\n",
        ])
        let server = try await GitHTTPServer(password: "unused")
        try world.folder.write("token", to: "token")
        let once = try await world.run(
            "run", "--once", "--env", "prod", "--repo", server.plainURL(of: world.repository),
            "--status-token-file", "token", "--status-api", "http://127.0.0.1:\(host.port)/api/v3")
        #expect(once.status == 0, "\(once)")
        let names = try host.requests.map { try $0.json["context"]?.string }
        #expect(names == ["zentra-sync/prod", "zentra-sync/prod"])
    }

    @Test(.enabled(if: GitHTTPServer.missing == nil, "needs nginx, fcgiwrap, openssl and git-http-backend"))
    func
        `an init container tells the git host before it ends, and says with its status that a commit is held`()
        async throws
    {
        let host = try StubReceiver { _, _ in .init(201) }
        let world = try await Workspace(["base.yaml": Resources.base])
        let server = try await GitHTTPServer(password: "unused")
        try world.folder.write("token", to: "token")
        let options = [
            "run", "--once", "--repo", server.plainURL(of: world.repository), "--status-token-file", "token",
            "--status-api", "http://127.0.0.1:\(host.port)/api/v4",
        ]
        func once() async throws -> ProductBinary.Result {
            try await ProductBinary.run(
                options, in: world.folder.path, environment: world.environment, input: "")
        }
        #expect(try await once().status == 0)
        #expect(host.requests.count == 2)
        try await world.repository.git("rm", "--quiet", "base.yaml")
        try await world.repository.commit("Delete everything", [:])
        #expect(try await once().status == 3)
        let last = try JSONValue(parsing: host.requests.last?.body ?? [])
        #expect(last["state"]?.string == "failed")
        #expect(last["description"]?.string?.hasPrefix("held: the desired state is empty") == true)
    }

    @Test(arguments: [
        (["--status-token-file", "t", "--dir", "."], "--status-token-file goes with --repo"),
        (["--status-token-file", "t", "--repo", "https://git.example.com/a/b"], "--status-api"),
        (["--status-token-file", "t", "--repo", "."], "names no repository of a git host"),
        (["--status-api", "https://x.example.com", "--repo", "."], "--status-api goes with"),
        (
            [
                "--status-token-file", "t", "--repo", "https://git.example.com/a/b", "--status-api",
                "http://git.example.com/api/v4",
            ], "clear text"
        ),
    ])
    func `a status that cannot be sent is said at the start`(_ options: [String], _ message: String)
        async throws
    {
        let world = try await Workspace(["base.yaml": Resources.base])
        let result = try await ProductBinary.run(
            ["run"] + options, in: world.folder.path, environment: world.environment, input: "")
        #expect(result.status == (message == "clear text" ? 1 : 64), "\(result)")
        #expect(result.errors.contains(message), "\(result)")
    }
}
