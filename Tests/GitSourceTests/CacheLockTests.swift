import Foundation
import GitSource
import TestSupport
import Testing

struct CacheLockTests {
    @Test func `waits for another process and then names it`() async throws {
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0"])
        let test = try TestCache(repository.path)
        let impatient = try TestCache(repository.path, timeout: .milliseconds(100), in: test.folder).cache
        let commit = try await test.cache.fetch().commit
        let lock = open(test.path + "/lock", O_RDWR)
        defer { close(lock) }
        flock(lock, LOCK_EX)
        let message = "the cache is in use by another process (last locked by process \(getpid()))"
        await expectGitError(.cacheBusy, message) { try await impatient.fetch() }
        await expectGitError(.cacheBusy, message) { try await impatient.files(of: commit.id) }
        flock(lock, LOCK_SH)
        #expect(try await test.cache.files(of: commit.id).files.count == 1)
        flock(lock, LOCK_UN)
        #expect(try await test.cache.fetch().commit == commit)
    }

    @Test func `serves many at once`() async throws {
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0"])
        let test = try TestCache(repository.path, timeout: .seconds(600))
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let commit = try await test.cache.fetch().commit
                    return try await test.cache.files(of: commit.id).files.count
                }
            }
            for try await count in group { #expect(count == 1) }
        }
    }

    @Test func `says to each of many at once what went wrong for it`() async throws {
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0"])
        let test = try TestCache(repository.path, timeout: .seconds(600))
        try await test.cache.fetch()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...64 {
                let hex = String(number, radix: 16)
                let id = try #require(
                    ObjectID(hex: String(repeating: "0", count: 40 - hex.count) + hex))
                // libgit2 keeps its last error for each thread, until the next call there.
                group.addTask {
                    await expectGitError(.cacheDamaged, "(\(id.hex))") { try await test.cache.blobs([id]) }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test(.enabled(if: getuid() == 0, "needs root to give a repository away"))
    func `refuses a repository of another user`() async throws {
        let repository = try await TestRepository()
        try await repository.commit("0", ["a.yaml": "0"])
        try await TestCommand.run(["chown", "-R", "nobody", repository.path])
        let test = try TestCache(repository.path)
        await expectGitError(.repositoryNotFound, "belongs to another user") { try await test.cache.fetch() }
    }
}
