import GitSource
import TestSupport
import Testing

struct RemoteTests {
    @Test(arguments: [
        ("https://git.example.com/ops/x.git", "https://git.example.com/ops/x.git"),
        ("HTTPS://Git.Example.com:8443/ops/x.git", "https://git.example.com:8443/ops/x.git"),
        ("https://canary@git.example.com/x.git", "https://git.example.com/x.git"),
        ("ssh://git@git.example.com:2222/x.git", "ssh://git@git.example.com:2222/x.git"),
        ("ssh://git.example.com/x.git", "ssh://git@git.example.com/x.git"),
        ("ssh://git@[::1]:22/x.git", "ssh://git@[::1]:22/x.git"),
        ("git@git.example.com:ops/x.git", "git@git.example.com:ops/x.git"),
        ("git.example.com:ops/x.git", "git@git.example.com:ops/x.git"),
        ("file:///srv/my%20repository", "file:///srv/my repository"),
        ("file:///srv/50%25%20%2520", "file:///srv/50%25 %2520"),
        ("file://localhost/srv/x", "file:///srv/x"),
        ("/srv/x", "/srv/x"), ("/srv/a://b", "/srv/a://b"), ("/srv/with:colon", "/srv/with:colon"),
        ("http://git.example.com/x.git", "http://git.example.com/x.git"),
    ])
    func `takes the URLs that git takes, and shows them without userinfo`(_ text: String, _ shown: String)
        throws
    {
        #expect(try GitRemote(url: text).url.description == shown)
    }

    @Test(arguments: [
        ("", "is empty"), ("https://user:canary@git.example.com/x.git", "contains a password"),
        ("ssh://user:canary@git.example.com/x.git", "contains a password"),
        ("http://canary@git.example.com/x.git", "must not carry credentials"),
        ("git://git.example.com/x.git", "`git` is not supported"), ("ext::sh -c id", "odd"),
        ("https:///x.git", "host"), ("https://git.example.com", "path"), ("https://git.example.com/", "path"),
        ("https://git.example.com/x.git?token=canary", "path"), ("https://git.example.com:0/x.git", "port"),
        ("https://git.example.com:99999/x.git", "port"), ("https://git example.com/x.git", "host"),
        ("file://other/srv/x", "file URL"), ("file://", "file URL"), ("/srv/\u{1B}x", "control characters"),
        ("ssh://git@git.example.com/x'y", "odd"),
    ])
    func `refuses other URLs, without repeating secrets`(_ text: String, _ message: String) async {
        await expectGitError(.invalidOption, message) { try GitRemote(url: text) }
        do { _ = try GitRemote(url: text) } catch {
            #expect(!"\(error) \(error.hint ?? "")".contains("canary"))
        }
    }

    @Test(arguments: [
        "-x..y", "a b", "a~1", "refs/heads/", "refs/heads/a..b", "a\u{1B}", "a\0b", "/a", "a/", "a.lock",
        "@{-1}",
    ])
    func `refuses refs that git would not take`(_ ref: String) async {
        await expectGitError(.invalidOption, "invalid ref") { try GitRemote(url: "/srv/x", ref: ref) }
    }

    @Test(arguments: [("", "."), (".", "."), ("./", "."), ("a//b/./c/", "a/b/c"), ("...", "...")])
    func `normalises the path`(_ path: String, _ shown: String) throws {
        #expect(try GitRemote(url: "/srv/x", path: path).path.description == shown)
    }

    @Test(arguments: ["/etc", "..", "a/../b", ".git", "a/.GIT", "a\\b", "a\u{7}"])
    func `refuses paths that lead elsewhere`(_ path: String) async {
        await expectGitError(.invalidOption, "invalid path") { try GitRemote(url: "/srv/x", path: path) }
    }

    @Test func `refuses credentials that the transport would ignore`() async {
        let all: [(String, GitCredentials)] = [
            ("http://h/x", GitCredentials(tokenFile: "t")), ("http://h/x", GitCredentials(username: "u")),
            ("http://h/x", GitCredentials(caFile: "c")), ("/srv/x", GitCredentials(tokenFile: "t")),
            ("file:///srv/x", GitCredentials(sshKeyFile: "k")),
            ("https://h/x", GitCredentials(sshKeyFile: "k")),
            ("https://h/x", GitCredentials(knownHostsFile: "k")),
            ("ssh://h/x", GitCredentials(tokenFile: "t")),
            ("ssh://h/x", GitCredentials(caFile: "c")), ("https://h/x", GitCredentials(username: "u")),
            ("https://h/x", GitCredentials(tokenFile: "")), ("git@h:x", GitCredentials(username: "u")),
        ]
        for (url, credentials) in all {
            await expectGitError(.invalidOption) { try GitRemote(url: url, credentials: credentials) }
        }
    }

    @Test func `takes the user of an https URL for the token`() throws {
        let remote = try GitRemote(
            url: "https://zo%C3%AB@git.example.com/x.git", credentials: GitCredentials(tokenFile: "t"))
        #expect(remote.credentials.username == "zoë")
    }

    @Test func `refuses timeouts that make no sense`() async {
        for timeout in [Duration.zero, .seconds(-1), .seconds(86_401), .seconds(Int64.max)] {
            await expectGitError(.invalidOption) { try GitRemote(url: "/srv/x", timeout: timeout) }
        }
    }

    @Test func `refuses options that are too long for the child`() async throws {
        let test = try TestCache("https://localhost/" + String(repeating: "x", count: 100_000))
        await expectGitError(.invalidOption, "too long") { try await test.cache.fetch() }
    }

    @Test(arguments: [
        ("", "does not hold a token"), ("two words\n", "does not hold a token"), ("\n\n", "does not hold"),
        ("git\ncanary\n", "holds more than one line"),
    ])
    func `refuses a token file without a token`(_ text: String, _ message: String) async throws {
        let files = try TestFolder()
        let credentials = GitCredentials(tokenFile: try files.write(text, to: "token"))
        let test = try TestCache("https://localhost:1/x.git", credentials: credentials)
        await expectGitError(.invalidCredential, message) { try await test.cache.fetch() }
    }

    @Test func `names a credential file that is missing or broken`() async throws {
        let files = try TestFolder()
        let path = files.appending("missing")
        let bad = try files.write("no certificate", to: "bad")
        for (credentials, message) in [
            (
                GitCredentials(tokenFile: path),
                "cannot read the token file `\(path)`: no such file or directory"
            ),
            (GitCredentials(caFile: path), "cannot read the CA file `\(path)`"),
            (GitCredentials(caFile: bad), "the CA file `\(bad)` holds no certificate"),
        ] {
            let test = try TestCache("https://localhost:1/x.git", credentials: credentials)
            await expectGitError(.invalidCredential, message) { try await test.cache.fetch() }
        }
    }

    @Test(arguments: [
        ("missing", "no such file"), ("file", "not a folder"), ("folder", "could not find repository"),
    ])
    func `says that there is no repository at a path`(_ name: String, _ message: String) async throws {
        let files = try TestFolder()
        try files.write("", to: "file")
        try files.write("", to: "folder/x")
        let test = try TestCache(files.appending(name))
        await expectGitError(.repositoryNotFound, message) { try await test.cache.fetch() }
    }
}

extension RemoteTests {
    @Test func `says that a clone is shallow, or of a format that is not read`() async throws {
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0"])
        try await repository.commit("1", ["a.yaml": "1"])
        let folder = try TestFolder()
        let source = "file://\(repository.path)"
        for arguments in [["--depth=1", source, "shallow"], ["--depth=1", "--bare", source, "bare"]] {
            try await TestCommand.run(["git", "-C", folder.path, "clone", "--quiet"] + arguments)
            let test = try TestCache(folder.appending(arguments.last ?? ""))
            await expectGitError(.repositoryNotFound, "it is a shallow clone") {
                try await test.cache.fetch()
            }
        }
        try await TestCommand.run(
            ["git", "init", "--quiet", "--object-format=sha256", folder.appending("sha256")])
        let test = try TestCache(folder.appending("sha256"))
        await expectGitError(.protocolViolation, "its object ids are SHA-256") {
            try await test.cache.fetch()
        }
    }

    @Test func `decodes a file URL once`() async throws {
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0"])
        let folder = try TestFolder()
        try await TestCommand.run([
            "git", "clone", "--quiet", "--bare", repository.path, folder.appending("a %20b"),
        ])
        let test = try TestCache("file://\(folder.path)/a%20%2520b")
        #expect(try await test.cache.fetch().commit.subject == "0")
    }
}
