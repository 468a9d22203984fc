import Foundation
import GitSource
import TestSupport
import Testing

/// Whatever moment a process is killed at, the next start finds a healthy cache or makes one.
@Suite(.enabled(if: GitHTTPServer.missing == nil, "needs nginx, fcgiwrap, openssl and git-http-backend"))
struct KilledFetchTests {
    /// Bytes of the server's answers after which the fetch is killed: in the references, in the pack, at its end.
    private static let stages = [0, 600, 5000, 60_000]

    @Test(arguments: stages)
    func `is healthy after a kill at any stage of a clone`(_ stage: Int) async throws {
        let server = try await GitHTTPServer(password: "secret")
        let repository = try await TestRepository()
        try await repository.commit(count: 2000, below: ["a"])
        let proxy = try OddServer(.stall(port: server.plainPort, after: stage))
        let url = "http://127.0.0.1:\(proxy.port)\(repository.path)"
        let killed = try TestCache(url, timeout: .milliseconds(400))
        await expectGitError(.timeout) { try await killed.cache.fetch() }
        proxy.recover()
        try await expectFiles(2000, from: url, in: killed.folder)
    }

    @Test(arguments: stages)
    func `is healthy after a kill at any stage of a fetch`(_ stage: Int) async throws {
        let server = try await GitHTTPServer(password: "secret")
        let repository = try await TestRepository()
        try await repository.commit("0", ["x.yaml": "0"])
        let proxy = try OddServer(.stall(port: server.plainPort, after: stage))
        let url = "http://127.0.0.1:\(proxy.port)\(repository.path)"
        let killed = try TestCache(url, timeout: .milliseconds(400))
        proxy.recover()
        try await expectFiles(1, from: url, in: killed.folder)
        proxy.relapse()
        try await repository.commit(count: 2000, below: ["a"])
        await expectGitError(.timeout) { try await killed.cache.fetch() }
        proxy.recover()
        try await expectFiles(2000, from: url, in: killed.folder)
    }

    private func expectFiles(_ count: Int, from url: String, in folder: TestFolder) async throws {
        let test = try TestCache(url, in: folder)
        let commit = try await test.cache.fetch().commit
        let files = try await test.cache.files(of: commit.id).files
        #expect(files.count == count)
        #expect(try await test.cache.blobs(files.map(\.blob)).count == count)
    }

    @Test func `keeps the old commit readable when a fetch is killed`() async throws {
        let server = try await GitHTTPServer(password: "secret")
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0"])
        let test = try TestCache(server.plainURL(of: repository))
        let old = try await test.cache.fetch().commit
        // What a process leaves that is killed while the clone changes.
        try FileManager.default.removeItem(atPath: test.clone + "/sound")
        try test.write("half a pack", to: test.clone + "/objects/pack/pack_git2_123")
        #expect(try await test.cache.files(of: old.id).files.count == 1)
        try await repository.commit("1", ["a.yaml": "1"])
        let new = try await test.cache.fetch().commit
        #expect(new.parents == [old.id])
        #expect(try await test.cache.files(of: old.id).files.count == 1)
    }

    @Test(arguments: [".old", ".new"])
    func `is healthy after a kill while a clone is replaced`(_ suffix: String) async throws {
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0"])
        let test = try TestCache(repository.path)
        let old = try await test.cache.fetch().commit
        let clone = try test.clone
        let moved = String(clone.dropLast(4)) + suffix
        try FileManager.default.moveItem(atPath: clone, toPath: moved)
        await expectGitError(.commitNotFound) { try await test.cache.files(of: old.id) }
        #expect(try await test.cache.fetch().commit == old)
        #expect(!FileManager.default.fileExists(atPath: moved))
    }
}
