import Foundation
import GitSource
import TestSupport
import Testing

@Suite(.enabled(if: GitSSHServer.missing == nil, "needs sshd and ssh-keygen"))
struct SSHTests {
    @Test(arguments: ["ed25519", "ecdsa"])
    func `fetches with a key from a known host`(_ kind: String) async throws {
        let server = try await GitSSHServer(hostKeys: [kind])
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0"])
        let files = try TestFolder()
        let credentials = GitCredentials(
            sshKeyFile: try await server.authorise(kind),
            knownHostsFile: try files.write(server.knownHost(kind), to: "known_hosts"))
        let test = try TestCache(server.url(of: repository), credentials: credentials)
        #expect(try await test.cache.fetch().commit.subject == "0")
        try await repository.commit("1", ["a.yaml": "1"])
        #expect(try await test.cache.fetch().commit.subject == "1")
    }

    @Test func `finds the host by pattern among other keys`() async throws {
        let server = try await GitSSHServer(hostKeys: ["ed25519", "ecdsa", "rsa"])
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0"])
        let files = try TestFolder()
        let name = "other.example.com,[local*]:\(server.port)"
        let lines = try ["rsa", "ecdsa"].map { try server.knownHost($0, as: name) }
        let credentials = GitCredentials(
            sshKeyFile: try await server.authorise(),
            knownHostsFile: try files.write("# hosts\n\n" + lines.joined(), to: "known_hosts"))
        let test = try TestCache(server.url(of: repository), credentials: credentials)
        #expect(try await test.cache.fetch().commit.subject == "0")
    }

    @Test func `finds the host where names are hashed`() async throws {
        let server = try await GitSSHServer()
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0"])
        let files = try TestFolder()
        let other = try server.knownHost(as: "other.example.com")
        let hosts = try files.write(other + server.knownHost(), to: "known_hosts")
        try await TestCommand.run(["ssh-keygen", "-q", "-H", "-f", hosts])
        let text = try String(contentsOfFile: hosts, encoding: .utf8)
        #expect(text.hasPrefix("|1|") && !text.contains("localhost"))
        let credentials = GitCredentials(
            sshKeyFile: try await server.authorise(), knownHostsFile: hosts)
        let test = try TestCache(server.url(of: repository), credentials: credentials)
        #expect(try await test.cache.fetch().commit.subject == "0")
        // The other one's name does not stand for this host.
        let first = text.split(separator: "\n").first.map { $0 + "\n" } ?? ""
        let wrong = GitCredentials(
            sshKeyFile: credentials.sshKeyFile, knownHostsFile: try files.write(first, to: "other"))
        let refused = try TestCache(server.url(of: repository), credentials: wrong)
        await expectGitError(.hostKey, "not in known_hosts") { try await refused.cache.fetch() }
    }

    @Test func `refuses an unknown host`() async throws {
        let server = try await GitSSHServer()
        let repository = try await TestRepository()
        let files = try TestFolder()
        let credentials = GitCredentials(
            sshKeyFile: try await server.authorise(),
            knownHostsFile: try files.write(server.knownHost(as: "other.example.com"), to: "known_hosts"))
        let url = server.url(of: repository)
        let test = try TestCache(url, ref: "refs/heads/main", credentials: credentials)
        await expectGitError(
            .hostKey, "cannot fetch refs/heads/main from \(url): host key is not in known_hosts"
        ) { try await test.cache.fetch() }
    }

    @Test func `refuses a host whose key is another one`() async throws {
        let (server, other) = (try await GitSSHServer(), try await GitSSHServer())
        let repository = try await TestRepository()
        let files = try TestFolder()
        let line = try other.knownHost(as: "[localhost]:\(server.port)")
        let credentials = GitCredentials(
            sshKeyFile: try await server.authorise(), knownHostsFile: try files.write(line, to: "known_hosts")
        )
        let test = try TestCache(server.url(of: repository), credentials: credentials)
        await expectGitError(.hostKey, "does not match known_hosts") { try await test.cache.fetch() }
    }

    @Test func `refuses a revoked host key`() async throws {
        let server = try await GitSSHServer()
        let repository = try await TestRepository()
        let files = try TestFolder()
        let line = try server.knownHost()
        let credentials = GitCredentials(
            sshKeyFile: try await server.authorise(),
            knownHostsFile: try files.write(line + "@revoked " + line, to: "known_hosts"))
        let test = try TestCache(server.url(of: repository), credentials: credentials)
        await expectGitError(.hostKey) { try await test.cache.fetch() }
    }

    @Test func `refuses a key that the server does not know, after one try`() async throws {
        let server = try await GitSSHServer()
        let repository = try await TestRepository()
        let files = try TestFolder()
        try await GitSSHServer.makeKey("ed25519", at: files.appending("stranger"))
        let credentials = GitCredentials(
            sshKeyFile: files.appending("stranger"),
            knownHostsFile: try files.write(server.knownHost(), to: "known_hosts"))
        let test = try TestCache(server.url(of: repository), credentials: credentials)
        await expectGitError(.authentication, "refused the key") { try await test.cache.fetch() }
    }

    @Test func `asks the SSH agent when there is no key file`() async throws {
        let server = try await GitSSHServer()
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0"])
        let files = try TestFolder()
        let socket = files.appending("agent")
        let output = try await TestCommand.run(["ssh-agent", "-a", socket])
        let process = try #require(output.firstMatch(of: /SSH_AGENT_PID=(\d+)/).flatMap { Int32($0.1) })
        // An agent that is asked to end removes its socket, while the folder around it is being removed.
        defer { kill(process, SIGKILL) }
        try await TestCommand.run(
            ["ssh-add", "-q", server.authorise()], environment: ["SSH_AUTH_SOCK": socket])
        let cache = try GitCache(
            directory: files.appending("cache"),
            remote: GitRemote(
                url: server.url(of: repository),
                credentials: GitCredentials(
                    knownHostsFile: try files.write(server.knownHost(), to: "known_hosts"))),
            child: GitChildCommand(
                executable: "/usr/bin/env",
                arguments: ["SSH_AUTH_SOCK=\(socket)", GitChildCommand.test.executable]))
        #expect(try await cache.fetch().commit.subject == "0")
    }

    @Test func `explains what is wrong with RSA keys`() async throws {
        let server = try await GitSSHServer()
        let repository = try await TestRepository()
        let files = try TestFolder()
        let credentials = GitCredentials(
            sshKeyFile: try await server.authorise("rsa"),
            knownHostsFile: try files.write(server.knownHost(), to: "known_hosts"))
        let test = try TestCache(server.url(of: repository), credentials: credentials)
        do {
            try await test.cache.fetch()
            Issue.record("libssh2 has learnt to sign with RSA and SHA-2: remove the explanation")
        } catch {
            #expect(error.category == .authentication)
            #expect(error.hint?.contains("Ed25519") == true)
        }
    }

    @Test func `says that there is no repository`() async throws {
        let server = try await GitSSHServer()
        let files = try TestFolder()
        let credentials = GitCredentials(
            sshKeyFile: try await server.authorise(),
            knownHostsFile: try files.write(server.knownHost(), to: "known_hosts"))
        let test = try TestCache(
            "ssh://\(GitSSHServer.user)@localhost:\(server.port)/nowhere", credentials: credentials)
        await expectGitError(.repositoryNotFound) { try await test.cache.fetch() }
    }

    @Test func `refuses key files that cannot be used`() async throws {
        let files = try TestFolder()
        try await GitSSHServer.makeKey("ed25519", at: files.appending("locked"), passphrase: "secret")
        try files.write("ssh-ed25519 AAAA\n", to: "public")
        for (file, text) in [("locked", "passphrase"), ("public", "private key"), ("none", "no such file")] {
            let credentials = GitCredentials(sshKeyFile: files.appending(file))
            let test = try TestCache("ssh://localhost:1/repository", credentials: credentials)
            await expectGitError(.invalidCredential, text) { try await test.cache.fetch() }
        }
    }
}
