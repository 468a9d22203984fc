import GitSource
import TestSupport
import Testing

@Suite(.enabled(if: GitHTTPServer.missing == nil, "needs nginx, fcgiwrap, openssl and git-http-backend"))
struct HTTPSTests {
    @Test func `fetches with a token, which is read again before every fetch`() async throws {
        let server = try await GitHTTPServer(password: "first-canary")
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0"])
        let files = try TestFolder()
        let token = try files.write("first-canary\n", to: "token")
        let credentials = GitCredentials(tokenFile: token, username: "git", caFile: server.caFile)
        let test = try TestCache(server.url(of: repository), credentials: credentials)
        #expect(try await test.cache.fetch().commit.subject == "0")

        try server.change(password: "second-canary")
        try await repository.commit("1", ["a.yaml": "1"])
        await expectGitError(.authentication) { try await test.cache.fetch() }
        try files.write("second-canary\r\n\n", to: "token")
        #expect(try await test.cache.fetch().commit.subject == "1")
    }

    @Test func `never shows a token`() async throws {
        let server = try await GitHTTPServer(password: "right")
        let repository = try await TestRepository()
        let files = try TestFolder()
        let token = try files.write("canary-token", to: "token")
        let credentials = GitCredentials(tokenFile: token, username: "canary-user", caFile: server.caFile)
        let test = try TestCache(server.url(of: repository), credentials: credentials)
        do {
            try await test.cache.fetch()
            Issue.record("a wrong token was accepted")
        } catch {
            #expect(error.category == .authentication)
            #expect(!"\(error) \(error.hint ?? "")".contains("canary"))
        }
        // Asked once, refused once: no endless loop.
        #expect(try server.log.split(separator: "\n").count == 2)
    }

    @Test func `says that credentials are needed`() async throws {
        let server = try await GitHTTPServer(password: "secret")
        let repository = try await TestRepository()
        let test = try TestCache(
            server.url(of: repository), credentials: GitCredentials(caFile: server.caFile))
        await expectGitError(.authentication, "asks for credentials") { try await test.cache.fetch() }
    }

    @Test func `refuses a certificate of an unknown authority`() async throws {
        let server = try await GitHTTPServer(password: "secret")
        let repository = try await TestRepository()
        let token = try TestFolder()
        let credentials = GitCredentials(tokenFile: try token.write("secret", to: "token"))
        let test = try TestCache(server.url(of: repository), credentials: credentials)
        await expectGitError(.tls, "certificate is not valid for localhost") { try await test.cache.fetch() }
    }

    @Test func `fetches over plain http without credentials`() async throws {
        let server = try await GitHTTPServer(password: "secret")
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0"])
        let test = try TestCache(server.plainURL(of: repository))
        #expect(try await test.cache.fetch().isNew)
        #expect(try await test.cache.fetch().isNew == false)
    }

    @Test func `follows a redirect on the same host`() async throws {
        let server = try await GitHTTPServer(password: "secret")
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0"])
        let test = try TestCache("http://localhost:\(server.plainPort)/moved\(repository.path)")
        #expect(try await test.cache.fetch().commit.subject == "0")
    }

    @Test func `says that there is no repository`() async throws {
        let server = try await GitHTTPServer(password: "secret")
        let test = try TestCache("http://localhost:\(server.plainPort)/nowhere")
        await expectGitError(.repositoryNotFound) { try await test.cache.fetch() }
    }

    @Test func `survives a server that dies in the middle of a pack`() async throws {
        let server = try await GitHTTPServer(password: "secret")
        let repository = try await TestRepository()
        try await repository.commit(count: 3000, below: ["a"])
        let proxy = try OddServer(.cut(port: server.plainPort, after: 20_000))
        let folder = try TestFolder()
        let broken = try TestCache("http://127.0.0.1:\(proxy.port)\(repository.path)", in: folder)
        await expectGitError(.network) { try await broken.cache.fetch() }

        let test = try TestCache(server.plainURL(of: repository), in: folder)
        let revision = try await test.cache.fetch()
        #expect(try await test.cache.files(of: revision.commit.id).files.count == 3000)
    }

    @Test func `stops a download that is larger than allowed`() async throws {
        let server = try await GitHTTPServer(password: "secret")
        let repository = try await TestRepository()
        try await repository.commit(count: 3000, below: ["a"])
        var limits = GitLimits()
        limits.downloadBytes = 20_000
        let test = try TestCache(server.plainURL(of: repository), limits: limits)
        await expectGitError(.tooLarge) { try await test.cache.fetch() }
    }
}
