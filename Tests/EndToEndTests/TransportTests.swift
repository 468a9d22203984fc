import Foundation
import JSON
import TestSupport
import Testing

@Suite(
    "Syncing over the network", .timeLimit(.minutes(5)),
    .enabled(if: GitHTTPServer.missing == nil, "needs nginx, fcgiwrap, openssl and git-http-backend"))
struct TransportTests {
    @Test func `a token may be rotated between two polls, and a wrong one keeps the last good state`()
        async throws
    {
        let world = try await Workspace(["base.yaml": Resources.base])
        let server = try await GitHTTPServer(password: "first-canary")
        try world.folder.write("first-canary\n", to: "git-token")
        let sidecar = try SidecarProcess(
            [
                "--repo", server.url(of: world.repository), "--git-token-file", "git-token",
                "--git-username", "git", "--ca-file", server.caFile, "--interval", "1s",
            ], in: world.folder.path, environment: world.environment)
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"1\"")

        try server.change(password: "second-canary")
        try await world.repository.commit("Second", ["more.yaml": Resources.secret("more", "env: MORE")])
        try await sidecar.log.line(with: "sync failed: cannot fetch")
        let status = try await world.status()
        #expect(status["sync"]?["reason"]?.string == "fetch")
        #expect(status["serial"]?.int == 1)
        try world.folder.write("second-canary\n", to: "git-token")
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"2\"")
        #expect(await sidecar.stop() == 0)
        #expect(!sidecar.log.all.joined().contains("canary"))
        #expect(try await world.run("status").output.contains("canary") == false)
    }

    @Test(.enabled(if: GitSSHServer.missing == nil, "needs sshd and ssh-keygen"))
    func `SSH works with a key and the host's own key, and with no other`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let server = try await GitSSHServer()
        let key = try await server.authorise()
        try await GitSSHServer.makeKey("ed25519", at: world.folder.appending("stranger"))
        try await GitSSHServer.makeKey("ed25519", at: world.folder.appending("impostor"))
        let right = try world.folder.write(server.knownHost(), to: "known_hosts")
        let impostor = try String(
            contentsOfFile: world.folder.appending("impostor.pub"), encoding: .utf8)
        let wrong = try world.folder.write("[localhost]:\(server.port) \(impostor)", to: "wrong")
        let empty = try world.folder.write("", to: "empty")
        func options(_ key: String, _ hosts: String) -> [String] {
            ["--repo", server.url(of: world.repository), "--ssh-key-file", key, "--known-hosts-file", hosts]
        }
        func plan(_ key: String, _ hosts: String) async throws -> ProductBinary.Result {
            try await ProductBinary.run(
                ["plan"] + options(key, hosts), in: world.folder.path, environment: world.environment)
        }
        let planned = try await plan(key, right)
        #expect(planned.status == 0, "\(planned)")
        #expect(planned.output.contains("Plan: 3 to create"))
        for (key, hosts, words) in [
            (key, wrong, "host key"), (key, empty, "host key is not in known_hosts"),
            (key, empty, "-p \(server.port) localhost` prints into ~/.ssh/known_hosts, or"),
            (world.folder.appending("stranger"), right, "the remote refused the key"),
            (world.folder.appending("nowhere"), right, "nowhere"), (key, "nowhere", "nowhere"),
        ] {
            let refused = try await plan(key, hosts)
            #expect(refused.status == 1, "\(refused)")
            #expect(refused.errors.contains("error: ") && refused.errors.contains(words), "\(refused)")
        }
        // The same for the sidecar, which reads the file again at every round.
        let sidecar = try world.sidecar(options(key, right))
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"1\"")
        try world.folder.write("[localhost]:\(server.port) \(impostor)", to: "known_hosts")
        try await world.repository.commit("Second", ["more.yaml": Resources.secret("more", "env: MORE")])
        try await sidecar.log.line(with: "sync failed: cannot fetch", "host key")
        #expect(try await world.status()["serial"]?.int == 1)
        try world.folder.write(server.knownHost(), to: "known_hosts")
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"2\"")
        #expect(await sidecar.stop() == 0)
    }

    @Test func `a sidecar starts without git from what was applied last`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        try await world.apply()
        let odd = try OddServer(.silent)
        let sidecar = try SidecarProcess(
            [
                "--repo", "http://127.0.0.1:\(odd.port)/config", "--git-timeout", "1s", "--interval", "1h",
            ], in: world.folder.path, environment: world.environment)
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"1\"")
        let port = try await sidecar.port
        #expect(try await HTTPExchange.get("/readyz", port: port).status == 200)
        try await sidecar.log.line(with: "sync failed", "no result after 1 s")
        #expect(try await HTTPExchange.get("/readyz", port: port).status == 200, "however old")
        #expect(try await HTTPExchange.get("/livez", port: port).status == 200)
        #expect(await sidecar.stop() == 0)
    }
}
