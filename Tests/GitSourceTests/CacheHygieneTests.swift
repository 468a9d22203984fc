import Foundation
import GitSource
import TestSupport
import Testing

struct CacheHygieneTests {
    @Test func `stays small and quick over two hundred pushes`() async throws {
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0"])
        let test = try TestCache(repository.path)
        for number in 1...200 {
            try await repository.push("\(number)", text: "\(number)")
            #expect(try await test.cache.fetch().commit.subject == "\(number)")
            #expect(try test.packs.count <= 51)
        }
        let commits = try await test.cache.commits(
            after: nil, upTo: test.cache.fetch().commit.id, limit: 1000)
        #expect(commits.map(\.subject) == (0...200).reversed().map(String.init))
    }

    @Test func `clones anew when packs cannot be merged any more`() async throws {
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0"])
        var limits = GitLimits()
        limits.packs = 0
        let test = try TestCache(repository.path, limits: limits)
        for _ in 1...3 { #expect(try await test.cache.fetch().commit.subject == "0") }
        #expect(try test.packs.count == 1)
    }

    @Test func `a merge of packs that hangs is cut off, and takes nothing from the time of the fetch`()
        async throws
    {
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0"])
        let test = try TestCache(repository.path)
        try await test.cache.fetch()
        try await repository.commit("1", ["a.yaml": "1"])
        var limits = GitLimits()
        limits.packs = 0
        // As long as the fetch may take: together they would be too long.
        limits.compactionTime = .seconds(5)
        let marker = test.folder.appending("hung")
        let script = "[ -e \"$1\" ] && exec \"$0\"; touch \"$1\"; exec sleep 1000"
        let hanging = try GitCache(
            directory: test.path, remote: GitRemote(url: repository.path, timeout: .seconds(5)),
            child: GitChildCommand(
                executable: "/bin/sh", arguments: ["-c", script, GitChildCommand.test.executable, marker]),
            limits: limits)
        #expect(try await hanging.fetch().commit.subject == "1")
        #expect(FileManager.default.fileExists(atPath: marker))
        try await test.check()
    }

    @Test func `removes what killed processes left`() async throws {
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0"])
        let test = try TestCache(repository.path)
        let first = try await test.cache.fetch()
        let clone = try test.clone
        let leftovers = [
            "\(clone)/HEAD.lock", "\(clone)/refs/zentra-sync/x.lock", "\(clone)/objects/pack/pack_git2_abc",
            "\(clone)/objects/pack/pack-1.pack", "\(clone)/objects/pack/pack-2.idx",
            "\(test.path)/0123.new/HEAD",
            "\(test.path)/0123.old/HEAD", "\(test.path)/home/.ssh/known_hosts",
        ]
        for path in leftovers { try test.write("", to: path) }
        try await repository.commit("1", ["a.yaml": "1"])
        #expect(try await test.cache.fetch().commit.parents == [first.commit.id])
        for path in leftovers { #expect(!FileManager.default.fileExists(atPath: path), "\(path)") }
    }

    /// What breaks in a clone.
    enum Damage: CaseIterable {
        case emptyPack, cutPack, flippedByte, noPack, noHead, emptyConfig, nothing
    }

    @Test(arguments: Damage.allCases)
    func `heals a cache that broke in an unclean stop`(_ damage: Damage) async throws {
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0", "b.yaml": String(repeating: "b: 1\n", count: 1000)])
        let test = try TestCache(repository.path)
        try await test.cache.fetch()
        try test.apply(damage)
        try FileManager.default.removeItem(atPath: test.clone + "/sound")
        let revision = try await test.cache.fetch()
        let files = try await test.cache.files(of: revision.commit.id).files
        #expect(try await test.cache.blobs(files.map(\.blob)).count == 2)
    }

    @Test func `heals a cache that broke when the machine stopped`() async throws {
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0", "b.yaml": String(repeating: "b: 1\n", count: 1000)])
        let test = try TestCache(repository.path)
        try await test.cache.fetch()
        // libgit2 does not flush: what a boot has left in memory is lost with it, although the fetch had ended.
        try test.write("another boot", to: test.clone + "/sound")
        try test.apply(.flippedByte)
        let revision = try await test.cache.fetch()
        let files = try await test.cache.files(of: revision.commit.id).files
        #expect(try await test.cache.blobs(files.map(\.blob)).count == 2)
    }

    @Test(arguments: [Damage.emptyPack, .cutPack, .noPack])
    func `heals a cache whose damage shows when it is read`(_ damage: Damage) async throws {
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0", "b.yaml": "1"])
        let test = try TestCache(repository.path)
        let revision = try await test.cache.fetch()
        try test.apply(damage)
        do {
            let blobs = try await test.cache.files(of: revision.commit.id).files.map(\.blob)
            _ = try await test.cache.blobs(blobs)
            Issue.record("damage was not noticed")
        } catch {
            #expect(error.isTransient)
        }
        try await test.cache.fetch()
        let files = try await test.cache.files(of: revision.commit.id).files
        #expect(try await test.cache.blobs(files.map(\.blob)).count == 2)
    }

    @Test func `keeps one clone for each of the last URLs`() async throws {
        let folder = try TestFolder()
        var repositories: [TestRepository] = []
        for number in 0..<6 {
            let repository = try await TestRepository()
            try await repository.commit("\(number)", ["a.yaml": "\(number)"])
            let test = try TestCache(repository.path, in: folder)
            #expect(try await test.cache.fetch().commit.subject == "\(number)")
            repositories.append(repository)
        }
        let clones = try FileManager.default.contentsOfDirectory(atPath: folder.appending("cache"))
            .filter { $0.hasSuffix(".git") }
        #expect(clones.count == 4)
    }

    @Test func `refuses a cache folder that is not its own`() async throws {
        let folder = try TestFolder()
        try folder.write("", to: "file")
        let remote = try GitRemote(url: "/srv/repository")
        for path in [folder.appending("file"), folder.appending("missing/deep")] {
            #expect {
                try GitCache(directory: path, remote: remote)
            } throws: {
                ($0 as? GitError)?.category == .cacheUnusable
            }
        }
    }

    @Test func `protects the cache folder`() async throws {
        let folder = try TestFolder()
        try FileManager.default.createDirectory(
            atPath: folder.appending("cache"), withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o755])
        _ = try GitCache(directory: folder.appending("cache"), remote: GitRemote(url: "/srv/repository"))
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.appending("cache"))
        #expect(attributes[.posixPermissions] as? Int == 0o700)
    }
}

extension TestCache {
    fileprivate func apply(_ damage: CacheHygieneTests.Damage) throws {
        let pack = try #require(try packs.first)
        switch damage {
        case .emptyPack: try Data().write(to: URL(filePath: pack))
        case .cutPack: try Data(contentsOf: URL(filePath: pack)).dropLast(30).write(to: URL(filePath: pack))
        case .flippedByte:
            var bytes = try Data(contentsOf: URL(filePath: pack))
            bytes[bytes.count / 2] ^= 0xFF
            try bytes.write(to: URL(filePath: pack))
        case .noPack: try FileManager.default.removeItem(atPath: pack)
        case .noHead: try FileManager.default.removeItem(atPath: clone + "/HEAD")
        case .emptyConfig: try Data().write(to: URL(filePath: clone + "/config"))
        case .nothing: break
        }
    }
}
