import GitSource
import TestSupport
import Testing

struct TreeTests {
    @Test func `reads only the configured folder, whatever the size of the repository`() async throws {
        let repository = try await TestRepository()
        try await repository.commit(count: 10_000, below: ["a", "b", "c", "d", "e"])
        try await repository.push("config", file: "deep/config/x.yaml", text: "x: 1")
        var limits = GitLimits()
        limits.entries = 10
        let test = try TestCache(repository.path, path: "deep/config/", limits: limits)
        let revision = try await test.cache.fetch()
        #expect(try await test.cache.files(of: revision.commit.id).files.map(\.path) == ["x.yaml"])
        try await repository.push("elsewhere", file: "a/f1.yaml", text: "changed")
        let next = try await test.cache.fetch()
        #expect(next.isNew)
        #expect(next.pathTree == revision.pathTree)
    }

    @Test func `reports more entries than allowed`() async throws {
        let repository = try await TestRepository()
        try await repository.commit(count: 11, below: ["a"])
        var limits = GitLimits()
        limits.entries = 10
        let test = try TestCache(repository.path, limits: limits)
        let commit = try await test.cache.fetch().commit
        await expectGitError(.tooLarge, "more than 10 entries") { try await test.cache.files(of: commit.id) }
    }

    @Test func `skips links, submodules and odd names, and says so`() async throws {
        let repository = try await TestRepository()
        let blob = try await repository.git("hash-object", "-w", "--stdin", input: "a: 1\n")
        let commit = try await repository.commit("0", ["keep.yaml": "1"])
        let inner = try await repository.git("mktree", input: "100644 blob \(blob)\tinner.yaml\n")
        let names = [
            "100644 blob \(blob)\ta.yaml", "120000 blob \(blob)\tlink.yaml",
            "160000 commit \(commit)\tmodule",
            "100755 blob \(blob)\trun.sh", "040000 tree \(inner)\t.GIT", "040000 tree \(inner)\t..",
            "100644 blob \(blob)\tback\\slash", "100644 blob \(blob)\tes\u{1B}cape",
            "040000 tree \(inner)\tfolder",
            "100644 blob \(blob)\tbidi\u{202E}lmay",
        ]
        let tree = try await repository.git(
            "mktree", "-z", "--missing", input: names.joined(separator: "\0") + "\0")
        let id = try await repository.git("commit-tree", tree, "-m", "odd")
        try await repository.git("update-ref", "refs/heads/odd", id)
        let test = try TestCache(repository.path, ref: "odd")
        let revision = try await test.cache.fetch()
        let listing = try await test.cache.files(of: revision.commit.id)
        #expect(listing.files.map(\.path) == ["a.yaml", "folder/inner.yaml", "run.sh"])
        #expect(listing.files.map(\.isExecutable) == [false, false, true])
        let skipped = Dictionary(listing.skipped.map { ($0.path, $0.reason) }, uniquingKeysWith: { $1 })
        #expect(
            skipped == [
                "link.yaml": .symbolicLink, "module": .submodule, ".GIT": .unsafeName, "..": .unsafeName,
                "back\\slash": .unsafeName, "es\\u{1b}cape": .unsafeName, "bidi\\u{202e}lmay": .unsafeName,
            ])
    }

    @Test func `says what stands in the way of the configured folder`() async throws {
        let repository = try await TestRepository()
        try await repository.commit("0", ["file": "1", "folder/x": "1"])
        let target = try await repository.git("hash-object", "-w", "--stdin", input: "folder")
        try await repository.git("update-index", "--add", "--cacheinfo", "120000,\(target),link")
        try await repository.git("commit", "--quiet", "--message=link")
        for (path, text) in [
            ("missing/x", "`missing` does not exist"), ("folder/deep", "`folder/deep` does not exist"),
            ("file/x", "`file` is a file"), ("link", "`link` is a symbolic link"),
        ] {
            let test = try TestCache(repository.path, path: path)
            await expectGitError(.pathNotFound, text) { try await test.cache.fetch() }
            await expectGitError(.pathNotFound, text) { try await test.cache.fetch() }
        }
    }

    @Test func `does not read files that are too large`() async throws {
        let repository = try await TestRepository()
        try await repository.commit("0", ["large": String(repeating: "x", count: 101), "small": "x"])
        var limits = GitLimits()
        limits.blobBytes = 100
        let test = try TestCache(repository.path, limits: limits)
        let files = try await test.cache.files(of: test.cache.fetch().commit.id).files
        let blobs = try await test.cache.blobs(files.map(\.blob))
        #expect(files.map { blobs[$0.blob] } == [.tooLarge(bytes: 101), .bytes([UInt8(ascii: "x")])])
        limits.totalBlobBytes = 0
        let none = try TestCache(repository.path, limits: limits, in: test.folder)
        await expectGitError(.tooLarge) { try await none.cache.blobs(files.map(\.blob)) }
    }

    @Test func `says that nothing was fetched yet`() async throws {
        let test = try TestCache("/srv/repository")
        let id = try #require(ObjectID(hex: String(repeating: "1", count: 40)))
        await expectGitError(.commitNotFound) { try await test.cache.files(of: id) }
    }
}
