/// A repository with a working tree, made by the real `git`, in a folder that disappears with the value.
package struct TestRepository: Sendable {
    private let folder: TestFolder
    package var path: String { folder.appending("work") }

    /// An empty repository on the branch `main`.
    package init() async throws {
        folder = try TestFolder()
        try await Self.git(["init", "--quiet", "--initial-branch=main", path])
    }

    /// Runs git in the working tree.
    @discardableResult
    package func git(
        _ arguments: String..., input: String = "", environment: [String: String] = [:]
    ) async throws -> String {
        try await Self.git(["-C", path] + arguments, input: input, environment: environment)
    }

    /// Writes files and commits them on the current branch. Returns the id of the commit.
    @discardableResult
    package func commit(_ subject: String = "Change", _ files: [String: String]) async throws -> String {
        for (name, text) in files { try folder.write(text, to: "work/\(name)") }
        try await git("add", "--all")
        try await git("commit", "--quiet", "--allow-empty", "--message", subject)
        return try await head
    }

    /// The id of the current commit.
    package var head: String { get async throws { try await git("rev-parse", "HEAD") } }

    /// Commits one file in one step, much faster than `commit`.
    package func push(_ subject: String, file: String = "a.yaml", text: String) async throws {
        let stream = """
            commit refs/heads/main
            committer Test <test@example.com> 1700000000 +0000
            data \(subject.utf8.count)
            \(subject)
            from refs/heads/main^0
            M 100644 inline \(file)
            data \(text.utf8.count)
            \(text)

            """
        try await git("fast-import", "--quiet", input: stream)
    }

    /// Commits `count` small files below each of `folders` at once, much faster than through a working tree.
    @discardableResult
    package func commit(count: Int, below folders: [String]) async throws -> String {
        var stream = "commit refs/heads/main\ncommitter Test <test@example.com> 1700000000 +0000\n"
        stream += "data 4\nmany\n"
        for name in folders {
            for number in 0..<count {
                let text = "name: \(name)-\(number)\n"
                stream += "M 100644 inline \(name)/f\(number).yaml\ndata \(text.utf8.count)\n\(text)\n"
            }
        }
        try await git("fast-import", "--quiet", "--force", input: stream)
        return try await head
    }

    /// The developer's own configuration must not change what a test sees.
    @discardableResult
    private static func git(
        _ arguments: [String], input: String = "", environment: [String: String] = [:]
    ) async throws -> String {
        let identity = [
            "user.name=Test", "user.email=test@example.com", "commit.gpgsign=false", "gc.auto=0",
            "core.fsync=none",
        ]
        let own = ["GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "HOME": "/nonexistent"]
        return try await TestCommand.run(
            ["git"] + identity.flatMap { ["-c", $0] } + arguments, input: input,
            environment: own.merging(environment) { $1 })
    }
}
