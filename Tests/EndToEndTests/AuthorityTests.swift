import TestSupport
import Testing

@Suite(
    "Authorities of the system",
    .enabled(if: GitHTTPServer.missing == nil, "needs nginx, fcgiwrap, openssl and git-http-backend"),
    .enabled("needs a mount namespace", { await SystemAuthorities.isAvailable }), .timeLimit(.minutes(3)))
struct AuthorityTests {
    @Test func `a running sidecar trusts an authority as soon as the system does`() async throws {
        let server = try await GitHTTPServer(password: "secret")
        let world = try await Workspace(["base.yaml": Resources.base])
        let authorities = try await SystemAuthorities()
        let token = try world.folder.write("secret", to: "token")
        let sidecar = try SidecarProcess(
            [
                "--repo", server.url(of: world.repository), "--git-token-file", token, "--git-username",
                "git",
                "--interval", "1s",
            ], in: world.folder.path, environment: world.environment, wrapper: authorities.wrapper)
        try await sidecar.log.line(with: "certificate is not valid for localhost")
        try authorities.trust([server.caFile])
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"")
        #expect(await sidecar.stop() == 0)
    }
}
