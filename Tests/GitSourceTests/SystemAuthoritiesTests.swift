import Foundation
import GitSource
import TestSupport
import Testing

/// Which authorities count when none are named.
@Suite(
    .enabled(if: GitHTTPServer.missing == nil, "needs nginx, fcgiwrap, openssl and git-http-backend"),
    .enabled("needs a mount namespace", { await SystemAuthorities.isAvailable }), .timeLimit(.minutes(2)))
struct SystemAuthoritiesTests {
    @Test func `what changes in the authorities of the system counts for a child that was started before`()
        async throws
    {
        let server = try await GitHTTPServer(password: "secret")
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0"])
        let authorities = try await SystemAuthorities()
        let files = try TestFolder()
        let token = try files.write("secret", to: "token")
        let command = authorities.wrapper + [GitChildCommand.test.executable]
        let cache = try GitCache(
            directory: files.appending("cache"),
            remote: GitRemote(
                url: server.url(of: repository),
                credentials: GitCredentials(tokenFile: token, username: "git")),
            child: GitChildCommand(executable: command[0], arguments: Array(command.dropFirst())))

        await expectGitError(.tls) { try await cache.fetch() }

        cache.makeReady()
        try await Self.childIsWaiting(home: files.appending("cache/home"))
        try authorities.trust([server.caFile])
        #expect(try await cache.fetch().commit.subject == "0")

        // And the other way: one that is taken away is not trusted any more.
        try await repository.commit("1", ["a.yaml": "1"])
        cache.makeReady()
        try await Self.childIsWaiting(home: files.appending("cache/home"))
        let other = try await TestAuthority(in: files)
        try authorities.trust([other.certificateFile])
        await expectGitError(.tls) { try await cache.fetch() }
    }

    /// Returns when the child with that home folder has done all that it can do without a request, and sleeps.
    private static func childIsWaiting(home: String) async throws {
        while try !FileManager.default.contentsOfDirectory(atPath: "/proc").contains(where: { name in
            guard Int32(name) != nil,
                let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(name)/exe"),
                program.hasSuffix("/git-child"),
                let environment = FileManager.default.contents(atPath: "/proc/\(name)/environ"),
                environment.split(separator: 0).contains(Data("HOME=\(home)".utf8)),
                let status = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8)
            else { return false }
            return status.contains(") S ")
        }) {
            try Task.checkCancellation()
            await Task.yield()
        }
    }
}
