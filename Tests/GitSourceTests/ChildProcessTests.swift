import Foundation
import GitSource
import TestSupport
import Testing

/// The process boundary, looked at from outside.
struct ChildProcessTests {
    @Test func `gives the child nothing of its parent's`() async throws {
        let server = try OddServer(.silent)
        let files = try TestFolder()
        let inherited = open(try files.write("", to: "inherited"), O_RDONLY)
        defer { close(inherited) }
        let credentials = GitCredentials(
            tokenFile: try files.write("canary-token", to: "token"), username: "canary-user")
        let test = try TestCache("https://localhost:\(server.port)/x.git", credentials: credentials)
        let fetch = Task { try await test.cache.fetch() }
        while server.requests.isEmpty { await Task.yield() }

        let child = try #require(
            try ProcessEntry.children.first { $0.environment.contains("HOME=\(test.path)/home") })
        #expect(
            Set(child.environment.map { $0.prefix { $0 != "=" } }).isSubset(of: [
                "HOME", "LC_ALL", "SWIFT_BACKTRACE", "LD_LIBRARY_PATH", "SSH_AUTH_SOCK",
            ]))
        #expect(!(child.environment + child.arguments).joined().contains("canary"))
        #expect(!child.openFiles.contains { $0.contains("inherited") })
        #expect(child.limits.contains { $0.hasPrefix("Max core file size 0 0") })
        #expect(child.limits.contains { $0.hasPrefix("Max address space 4294967296 4294967296") })
        #expect(getpgid(child.id) == child.id)
        fetch.cancel()
        await expectGitError(.cancelled) { try await fetch.value }
        #expect(kill(child.id, 0) == -1)
    }

    @Test func `reads nobody's git configuration`() async throws {
        let elsewhere = try OddServer(.silent)
        let server = try OddServer(.silent)
        let files = try TestFolder()
        // What a person may have, at every place where git looks.
        let text = """
            [url "http://127.0.0.1:\(elsewhere.port)/"]
            \tinsteadOf = http://127.0.0.1:\(server.port)/
            [http]
            \tproxy = http://127.0.0.1:\(elsewhere.port)

            """
        try files.write(text, to: "home/.gitconfig")
        try files.write(text, to: "home/.config/git/config")
        let cache = try GitCache(
            directory: files.appending("cache"),
            remote: GitRemote(url: "http://127.0.0.1:\(server.port)/x.git"),
            child: GitChildCommand(
                executable: "/usr/bin/env",
                arguments: [
                    "HOME=\(files.appending("home"))", "XDG_CONFIG_HOME=\(files.appending("home/.config"))",
                    GitChildCommand.test.executable,
                ]))
        let fetch = Task { try await cache.fetch() }
        while server.requests.isEmpty && elsewhere.requests.isEmpty { await Task.yield() }
        #expect(elsewhere.requests.isEmpty, "\(elsewhere.requests)")
        fetch.cancel()
        await expectGitError(.cancelled) { try await fetch.value }
    }

    @Test func `takes the child along when the parent is killed`() async throws {
        let server = try OddServer(.silent)
        let files = try TestFolder()
        let request = """
            {"operation":"fetch","repository":"\(files.path)/x.git","parent":PARENT,"memoryBytes":4294967296,\
            "cpuSeconds":60,"url":"http://127.0.0.1:\(server.port)/x.git","reference":"HEAD","home":"\(files.path)",\
            "downloadBytes":1000}
            """
        try files.write(request, to: "request")
        let script = "sed s/PARENT/$$/ \"$1/request\" > \"$1/mine\"; \"$0\" < \"$1/mine\" & wait"
        let parent = try TestProcess(["/bin/sh", "-c", script, GitChildCommand.test.executable, files.path])
        while server.requests.isEmpty { await Task.yield() }
        parent.signal(SIGKILL)
        #expect(await parent.end == -SIGKILL)
        while server.endedConnections == 0 { await Task.yield() }
    }

    @Test func `works only for its parent`() async throws {
        let request = """
            {"operation":"compact","repository":"/tmp","parent":1,"memoryBytes":4294967296,"cpuSeconds":60}\n
            """
        for input in [request, "", "nonsense\n", "{}\n"] {
            do {
                try await TestCommand.run([GitChildCommand.test.executable], input: input)
                Issue.record("a stranger got an answer")
            } catch let failure as TestCommand.Failure {
                #expect(failure.status == 1)
            }
        }
    }

    @Test func `says that the child cannot be started`() async throws {
        let folder = try TestFolder()
        let repository = try await TestRepository()
        let cache = try GitCache(
            directory: folder.appending("cache"), remote: GitRemote(url: repository.path),
            child: GitChildCommand(executable: "/nonexistent", arguments: []))
        await expectGitError(.childFailed, "cannot start `/nonexistent`: no such file") {
            try await cache.fetch()
        }
    }

    @Test(arguments: [("/bin/false", "ended with status 1"), ("/bin/true", "ended with status 0")])
    func `notices a child that dies without an answer`(_ program: String, _ message: String) async throws {
        let folder = try TestFolder()
        let repository = try await TestRepository()
        let cache = try GitCache(
            directory: folder.appending("cache"), remote: GitRemote(url: repository.path),
            child: GitChildCommand(executable: program, arguments: []))
        await expectGitError(.childFailed, message) { try await cache.fetch() }
    }

    @Test func `kills a child that ignores the request to end`() async throws {
        let folder = try TestFolder()
        let cache = try GitCache(
            directory: folder.appending("cache"),
            remote: GitRemote(url: "https://localhost/x.git", timeout: .milliseconds(200)),
            child: GitChildCommand(
                executable: "/bin/sh", arguments: ["-c", "trap '' TERM; while :; do sleep 1; done"]))
        await expectGitError(.timeout) { try await cache.fetch() }
    }

    /// The child that waits for its request.
    private func spare(of test: TestCache) async throws -> ProcessEntry {
        test.cache.makeReady()
        while true {
            let children = try ProcessEntry.children
            if let child = children.first(where: { $0.environment.contains("HOME=\(test.path)/home") }) {
                return child
            }
            await Task.yield()
        }
    }

    @Test func `a child that was started ahead has nothing of its parent's, and takes one fetch`()
        async throws
    {
        let repository = try await TestRepository()
        let commit = try await repository.commit("One", ["a.yaml": "a: 1"])
        let files = try TestFolder()
        let inherited = open(try files.write("", to: "inherited"), O_RDONLY)
        defer { close(inherited) }
        let test = try TestCache(repository.path)
        let child = try await spare(of: test)
        #expect(
            Set(child.environment.map { $0.prefix { $0 != "=" } }).isSubset(of: [
                "HOME", "LC_ALL", "SWIFT_BACKTRACE", "LD_LIBRARY_PATH", "SSH_AUTH_SOCK",
            ]))
        #expect(!child.openFiles.contains { $0.contains("inherited") || $0.contains(test.path) })
        #expect(getpgid(child.id) == child.id)
        #expect(try await test.cache.fetch().commit.id.hex == commit)
        #expect(kill(child.id, 0) == -1)
        let next = try await repository.commit("Two", ["a.yaml": "a: 2"])
        #expect(try await test.cache.fetch().commit.id.hex == next)
    }

    @Test func `a child that died while it waited is replaced`() async throws {
        let repository = try await TestRepository()
        let commit = try await repository.commit("One", ["a.yaml": "a: 1"])
        let test = try TestCache(repository.path)
        let child = try await spare(of: test)
        kill(child.id, SIGKILL)
        // What has ended has no environment.
        while try ProcessEntry.children.contains(where: { $0.environment == child.environment }) {
            await Task.yield()
        }
        #expect(try await test.cache.fetch().commit.id.hex == commit)
        #expect(kill(child.id, 0) == -1)
    }

    @Test func `a child that was started ahead is killed at the deadline like any other`() async throws {
        let server = try OddServer(.silent)
        let test = try TestCache("http://127.0.0.1:\(server.port)/x.git", timeout: .milliseconds(200))
        let child = try await spare(of: test)
        await expectGitError(.timeout) { try await test.cache.fetch() }
        #expect(kill(child.id, 0) == -1)
    }

    @Test func `a child that nobody used ends with its cache`() async throws {
        let repository = try await TestRepository()
        func use() async throws -> Int32 { try await spare(of: try TestCache(repository.path)).id }
        let child = try await use()
        while kill(child, 0) == 0 { await Task.yield() }
    }
}

/// What `/proc` tells about a process.
private struct ProcessEntry {
    let id: Int32
    let arguments: [String]
    let environment: [String]
    let openFiles: [String]
    let limits: [String]

    /// The children of this process that still run.
    static var children: [ProcessEntry] {
        get throws {
            let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")
            return threads.flatMap { thread in
                // A thread, and a child, may end at any time.
                let text = try? String(contentsOfFile: "/proc/self/task/\(thread)/children", encoding: .utf8)
                return (text ?? "").split(separator: " ").compactMap { Int32($0) }.compactMap(
                    ProcessEntry.init)
            }
        }
    }

    init?(_ id: Int32) {
        func read(_ name: String, _ separator: Character) -> [String] {
            let data = FileManager.default.contents(atPath: "/proc/\(id)/\(name)") ?? Data()
            return String(decoding: data, as: UTF8.self).split(separator: separator).map(String.init)
        }
        self.id = id
        arguments = read("cmdline", "\0")
        environment = read("environ", "\0")
        limits = read("limits", "\n").map { $0.split(separator: " ").joined(separator: " ") }
        let folder = "/proc/\(id)/fd"
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return nil }
        openFiles = names.compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
        }
    }
}
