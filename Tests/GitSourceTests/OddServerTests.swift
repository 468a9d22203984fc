import GitSource
import TestSupport
import Testing

/// Servers that do not behave; all of them on plain sockets.
struct OddServerTests {
    @Test func `gives up on a server that accepts and never answers`() async throws {
        let server = try OddServer(.silent)
        let test = try TestCache("http://127.0.0.1:\(server.port)/x.git", timeout: .milliseconds(300))
        await expectGitError(.timeout, "no result after 0.3 s") { try await test.cache.fetch() }
    }

    @Test func `gives up on a server that drips`() async throws {
        let body = String(repeating: "001e# service=git-upload-pack\n", count: 100)
        let answer = OddServer.response(
            "200 OK", headers: ["Content-Type: application/x-git-upload-pack-advertisement"], body: body)
        let server = try OddServer(.drip(answer, pause: .milliseconds(10)))
        let test = try TestCache("http://127.0.0.1:\(server.port)/x.git", timeout: .milliseconds(500))
        await expectGitError(.timeout) { try await test.cache.fetch() }
    }

    @Test func `gives up on an SSH server that never answers`() async throws {
        let server = try OddServer(.silent)
        let files = try TestFolder()
        let host =
            "[127.0.0.1]:\(server.port) ssh-ed25519 "
            + "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n"
        let credentials = GitCredentials(knownHostsFile: try files.write(host, to: "known_hosts"))
        let test = try TestCache(
            "ssh://127.0.0.1:\(server.port)/x.git", credentials: credentials, timeout: .milliseconds(300))
        await expectGitError(.timeout) { try await test.cache.fetch() }
    }

    @Test func `refuses a redirect to another host, and sends nothing there`() async throws {
        let other = try OddServer(.hangUp)
        let location = "Location: http://localhost:\(other.port)/x.git/info/refs?service=git-upload-pack"
        let server = try OddServer(.answer(OddServer.response("302 Found", headers: [location])))
        let test = try TestCache("http://127.0.0.1:\(server.port)/x.git")
        await expectGitError(.redirectRefused, "redirects to another host") { try await test.cache.fetch() }
        #expect(other.requests.isEmpty)
    }

    @Test func `ends a redirect loop`() async throws {
        let location = "Location: /x.git/info/refs?service=git-upload-pack"
        let server = try OddServer(.answer(OddServer.response("302 Found", headers: [location])))
        let test = try TestCache("http://127.0.0.1:\(server.port)/x.git")
        await expectGitError(.redirectRefused) { try await test.cache.fetch() }
    }

    @Test(arguments: [
        ("404 Not Found", GitError.Category.repositoryNotFound), ("410 Gone", .repositoryNotFound),
        ("403 Forbidden", .authentication), ("429 Too Many Requests", .network),
        ("500 Internal Server Error", .network), ("503 Service Unavailable", .network),
        ("400 Bad Request", .protocolViolation), ("200 OK", .protocolViolation),
    ])
    func `tells HTTP statuses apart`(_ status: String, _ category: GitError.Category) async throws {
        let page = OddServer.response(
            status, headers: ["Content-Type: text/html"], body: "<h1>\(status)</h1>")
        let server = try OddServer(.answer(page))
        let test = try TestCache("http://127.0.0.1:\(server.port)/x.git")
        await expectGitError(category) { try await test.cache.fetch() }
    }

    @Test(arguments: ["", "garbage\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"])
    func `takes nonsense for a failure that may pass`(_ text: String) async throws {
        let server = try OddServer(.answer(text))
        let test = try TestCache("http://127.0.0.1:\(server.port)/x.git")
        do {
            try await test.cache.fetch()
            Issue.record("nonsense was accepted")
        } catch {
            #expect(error.isTransient, "\(error.category): \(error)")
        }
    }

    @Test func `names a port where nobody listens`() async throws {
        let port = try LoopbackListener.freePort()
        let test = try TestCache("http://127.0.0.1:\(port)/x.git")
        await expectGitError(.network, "http://127.0.0.1:\(port)/x.git: failed to connect") {
            try await test.cache.fetch()
        }
    }

    @Test func `names a host that does not exist`() async throws {
        let test = try TestCache("https://nowhere.invalid/x.git")
        await expectGitError(.network, "failed to resolve") { try await test.cache.fetch() }
    }

    @Test func `kills the fetch when its task is cancelled`() async throws {
        let server = try OddServer(.silent)
        let test = try TestCache("http://127.0.0.1:\(server.port)/x.git")
        let fetch = Task { try await test.cache.fetch() }
        while server.requests.isEmpty { await Task.yield() }
        fetch.cancel()
        await expectGitError(.cancelled) { try await fetch.value }
    }
}
