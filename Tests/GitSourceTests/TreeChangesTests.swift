import Foundation
import GitSource
import TestSupport
import Testing

/// What differs between two commits leads from the files of one to those of the other.
struct TreeChangesTests {
    /// Modes and contents by path: files, links, and executables, where a file may become a folder.
    private struct Tree {
        var entries: [String: (mode: String, text: String)] = ["z.yaml": ("100644", "z")]

        mutating func change(_ random: inout SeededRandom) {
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let names = [
                    "a", "a.yaml", "b", "b/c", "b/c.yaml", "b/d/e.yaml", "b-x", "f/g.yaml", "f/h/i/j",
                ]
                let path = names.randomElement(using: &random) ?? ""
                // A name is either a file or a folder.
                entries = entries.filter { !$0.key.hasPrefix(path + "/") && !path.hasPrefix($0.key + "/") }
                guard Int.random(in: 0..<4, using: &random) > 0 else {
                    entries[path] = nil
                    continue
                }
                let mode = ["100644", "100644", "100755", "120000"].randomElement(using: &random) ?? ""
                entries[path] = (mode, "\(Int.random(in: 0..<3, using: &random))")
            }
        }

        var stream: String {
            var stream = "commit refs/heads/main\ncommitter Test <test@example.com> 1700000000 +0000\n"
            stream += "data 1\nx\nfrom refs/heads/main^0\ndeleteall\n"
            for (path, entry) in entries.sorted(by: { $0.key < $1.key }) {
                stream += "M \(entry.mode) inline \(path)\ndata \(entry.text.utf8.count)\n\(entry.text)\n"
            }
            return stream
        }
    }

    /// A listing by path.
    private struct Files: Equatable {
        var files: [String: TreeFile]
        var skipped: [String: SkippedEntry]

        init(_ listing: TreeListing) {
            files = Dictionary(uniqueKeysWithValues: listing.files.map { ($0.path, $0) })
            skipped = Dictionary(uniqueKeysWithValues: listing.skipped.map { ($0.path, $0) })
        }

        mutating func apply(_ changes: TreeChanges) {
            for path in changes.removed { (files[path], skipped[path]) = (nil, nil) }
            for file in changes.updated { files[file.path] = file }
            for entry in changes.skipped { skipped[entry.path] = entry }
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `changes lead from one listing to the other, with the contents of what is wanted`(
        _ seed: UInt64
    ) async throws {
        var random = SeededRandom(seed: seed)
        let repository = try await TestRepository()
        try await repository.commit("First", ["z.yaml": "z"])
        let test = try TestCache(repository.path)
        let cache = test.cache
        var revision = try await cache.fetch()
        var files = Files(try await cache.files(of: revision.commit.id))
        var basis = TreeBasis(tree: revision.pathTree, entries: 1)
        var tree = Tree()
        for round in 0..<15 {
            tree.change(&random)
            try await repository.git("fast-import", "--quiet", input: tree.stream)
            revision = try await cache.fetch()
            let listing = try await cache.files(of: revision.commit.id)
            let changed = try #require(
                try await cache.changes(of: revision.commit.id, since: basis) { $0.hasSuffix(".yaml") })
            let (updated, contents) = (changed.changes.updated, changed.contents)
            files.apply(changed.changes)
            #expect(files == Files(listing), "seed \(seed), round \(round)")
            #expect(changed.basis == TreeBasis(tree: revision.pathTree, entries: listing.entries))
            #expect(Set(contents.keys) == Set(updated.filter { $0.path.hasSuffix(".yaml") }.map(\.blob)))
            for file in updated where file.path.hasSuffix(".yaml") {
                #expect(contents[file.blob] == .bytes(Array((tree.entries[file.path]?.text ?? "").utf8)))
            }
            basis = changed.basis
        }
        try await test.check()
    }

    @Test func `a tree that the cache does not hold has to be read as a whole`() async throws {
        let repository = try await TestRepository()
        try await repository.commit("One", ["a.yaml": "1"])
        let test = try TestCache(repository.path)
        let revision = try await test.cache.fetch()
        let elsewhere = try #require(ObjectID(hex: String(repeating: "1", count: 40)))
        let basis = TreeBasis(tree: elsewhere, entries: 1)
        let changes = try await test.cache.changes(of: revision.commit.id, since: basis) { _ in true }
        #expect(changes == nil)
    }

    @Test func `a tree out of order has to be read as a whole`() async throws {
        let repository = try await TestRepository()
        let test = try TestCache(repository.path, ref: "odd")
        let commit = try await repository.commit("One", ["a.yaml": "1", "b.yaml": "2"])
        try await repository.git("update-ref", "refs/heads/odd", commit)
        let first = try await test.cache.fetch()
        // `git mktree` would sort them.
        let blob = try await repository.git("rev-parse", "HEAD:a.yaml")
        let folder = try TestFolder()
        let file = folder.appending("tree")
        var bytes = Data()
        for name in ["b.yaml", "a.yaml"] {
            bytes += Data("100644 \(name)\0".utf8) + Self.bytes(hex: blob)
        }
        try bytes.write(to: URL(filePath: file))
        let tree = try await repository.git("hash-object", "-t", "tree", "--literally", "-w", file)
        let odd = try await repository.git("commit-tree", tree, "-p", commit, "-m", "odd")
        try await repository.git("update-ref", "refs/heads/odd", odd)
        let second = try await test.cache.fetch()
        #expect(second.commit.id.hex == odd)
        let basis = TreeBasis(tree: first.pathTree, entries: 2)
        #expect(try await test.cache.changes(of: second.commit.id, since: basis) { _ in true } == nil)
        #expect(try await test.cache.files(of: second.commit.id).skipped.map(\.reason) == [.malformed])
    }

    private static func bytes(hex: String) -> Data {
        let digits = Array(hex.utf8)
        return Data(
            stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(decoding: digits[$0..<($0 + 2)], as: UTF8.self), radix: 16)
            })
    }

    @Test func `refuses many new folders that are one large one`() async throws {
        let repository = try await TestRepository()
        try await repository.commit(count: 90, below: ["a"])
        var limits = GitLimits()
        limits.entries = 100
        let test = try TestCache(repository.path, limits: limits)
        let first = try await test.cache.fetch()
        let large = try await repository.git("rev-parse", "HEAD:a")
        let listing = (0..<5_000).map { "040000 tree \(large)\tf\($0)\n" }.joined()
        let tree = try await repository.git("mktree", input: listing)
        let commit = try await repository.git("commit-tree", tree, "-p", "HEAD", "-m", "many")
        try await repository.git("update-ref", "refs/heads/main", commit)
        let second = try await test.cache.fetch()
        await expectGitError(.tooLarge, "more than 100 entries") {
            try await test.cache.changes(
                of: second.commit.id, since: TreeBasis(tree: first.pathTree, entries: 90)
            ) { _ in true }
        }
    }

    @Test func `reports more entries than allowed`() async throws {
        let repository = try await TestRepository()
        try await repository.commit(count: 10, below: ["a"])
        var limits = GitLimits()
        limits.entries = 10
        let test = try TestCache(repository.path, limits: limits)
        let first = try await test.cache.fetch()
        let count = try await test.cache.files(of: first.commit.id).entries
        try await repository.push("eleven", file: "b.yaml", text: "x")
        let second = try await test.cache.fetch()
        await expectGitError(.tooLarge, "more than 10 entries") {
            try await test.cache.changes(
                of: second.commit.id, since: TreeBasis(tree: first.pathTree, entries: count)
            ) { _ in true }
        }
    }
}
