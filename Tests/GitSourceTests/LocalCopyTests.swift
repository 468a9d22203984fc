import Foundation
import GitSource
import TestSupport
import Testing

/// New commits of a repository on this machine, which come without libgit2's transport when they are few.
struct LocalCopyTests {
    /// The cache of a repository with one commit, fetched.
    private func world() async throws -> (TestRepository, TestCache) {
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0", "f/g/b.yaml": "b", "f/c.yaml": "c"])
        let test = try TestCache(repository.path)
        try await test.cache.fetch()
        return (repository, test)
    }

    @Test func `brings merges, moves, links, submodules and what was reverted, whole`() async throws {
        let (repository, test) = try await world()
        try await repository.git("checkout", "--quiet", "-b", "side")
        try await repository.commit("1", ["side/new.yaml": "new", "a.yaml": "1"])
        try await repository.commit("2", ["a.yaml": "0"])
        try await repository.git("checkout", "--quiet", "main")
        try await repository.git("mv", "f", "moved")
        try await repository.commit("3", ["f": "a file where a folder was"])
        let link = try await repository.git("hash-object", "-w", "--stdin", input: "a.yaml")
        try await repository.git(
            "update-index", "--add", "--cacheinfo", "120000,\(link),link", "--cacheinfo",
            "160000,\(String(repeating: "1", count: 40)),module")
        try await repository.git("commit", "--quiet", "--message", "4")
        try await repository.git("merge", "--quiet", "--message", "5", "side")
        let revision = try await test.cache.fetch()
        #expect(revision.commit.id.hex == (try await repository.head))
        let listing = try await test.cache.files(of: revision.commit.id)
        #expect(
            listing.files.map(\.path) == ["a.yaml", "f", "moved/c.yaml", "moved/g/b.yaml", "side/new.yaml"])
        #expect(Set(listing.skipped.map(\.reason)) == [.symbolicLink, .submodule])
        let subjects = try await test.cache.commits(after: nil, upTo: revision.commit.id, limit: 10).map(
            \.subject)
        #expect(Set(subjects) == ["0", "1", "2", "3", "4", "5"])
        try await test.check()
    }

    @Test func `brings contents of every size`() async throws {
        let (repository, test) = try await world()
        // Blocks of a stored stream hold up to 65,535 bytes.
        let sizes = [0, 1, 15, 16, 65_535, 65_536, 131_070, 131_071, 1_000_000]
        let texts = Dictionary(
            uniqueKeysWithValues: sizes.map { ("s\($0)", String(repeating: "x", count: $0)) })
        try await repository.commit("Sizes", texts)
        let revision = try await test.cache.fetch()
        let files = try await test.cache.files(of: revision.commit.id).files
        let contents = try await test.cache.blobs(files.map(\.blob))
        for file in files where file.path.hasPrefix("s") {
            #expect(contents[file.blob] == .bytes(Array((texts[file.path] ?? "").utf8)), "\(file.path)")
        }
        try await test.check()
    }

    @Test func `brings many commits, many files and rewritten histories too`() async throws {
        let (repository, test) = try await world()
        for number in 1...105 { try await repository.push("\(number)", text: "\(number)") }
        #expect(try await test.cache.fetch().commit.subject == "105")
        try await repository.commit(count: 1500, below: ["many"])
        let many = try await test.cache.fetch()
        #expect(try await test.cache.files(of: many.commit.id).files.count == 1500)
        try await repository.git("checkout", "--quiet", "--force", "--orphan", "other")
        let head = try await repository.commit("Anew", ["a.yaml": "anew"])
        try await repository.git("branch", "--force", "main", "other")
        #expect(try await test.cache.fetch().commit.id.hex == head)
        try await test.check()
    }

    @Test func `a tag that moves brings the tag`() async throws {
        let (repository, _) = try await world()
        try await repository.git("tag", "--annotate", "--message", "1", "live")
        let test = try TestCache(repository.path, ref: "live")
        try await test.cache.fetch()
        let head = try await repository.commit("1", ["a.yaml": "1"])
        try await repository.git("tag", "--annotate", "--force", "--message", "2", "live")
        #expect(try await test.cache.fetch().commit.id.hex == head)
        #expect(try await test.cache.fetch().isNew == false)
        try await test.check()
    }

    @Test func `an object that is not what its name says is refused`() async throws {
        let (repository, test) = try await world()
        try await repository.commit("1", ["a.yaml": "good", "z.yaml": "evil"])
        func object(_ file: String) async throws -> URL {
            let id = try await repository.git("rev-parse", "HEAD:\(file)")
            return URL(filePath: "\(repository.path)/.git/objects/\(id.prefix(2))/\(id.dropFirst(2))")
        }
        let (good, evil) = try await (object("a.yaml"), object("z.yaml"))
        try FileManager.default.removeItem(at: good)
        try FileManager.default.copyItem(at: evil, to: good)
        await expectGitError(.protocolViolation, "damaged") { try await test.cache.fetch() }
    }
}
