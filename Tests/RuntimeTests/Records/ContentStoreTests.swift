import Foundation
import Store
import Synchronization
import TestSupport
import Testing

@testable import Runtime

@Suite struct ContentStoreTests {
    private let folder: TestFolder
    private let contents: ContentStore

    init() throws {
        folder = try TestFolder()
        contents = ContentStore(StatePath(folder.appending("state.db")))
    }

    private func keep(_ text: String) throws -> String {
        let spool = try contents.spool()
        try Array(text.utf8).withUnsafeBytes { try spool.write($0) }
        return try contents.keep(spool)
    }

    /// As if nothing referred to anything.
    private func sweepAll(_ now: UnixTime) async throws -> Int { try await contents.sweep(now: now) { $0 } }

    private func exists(_ digest: String) -> Bool {
        FileManager.default.fileExists(atPath: contents.path(of: digest))
    }

    /// A time at which everything that is there now is old enough.
    private var later: UnixTime { UnixTime.now() + ContentStore.minimumAge + .seconds(10) }

    @Test func `a content has the name of its SHA-256 and is there once`() throws {
        let digest = try keep("abc")
        #expect(digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(try keep("abc") == digest)
        let kept = try String(contentsOfFile: contents.path(of: digest), encoding: .utf8)
        #expect(kept == "abc")
        #expect(try FileManager.default.contentsOfDirectory(atPath: contents.folder + "/tmp").isEmpty)
    }

    @Test func `the sweep takes old contents that nothing refers to, and only those`() async throws {
        let (garbage, needed) = (try keep("garbage"), try keep("needed"))
        let asked = Mutex<Set<String>>([])
        let count = try await contents.sweep(now: later) { digests in
            asked.withLock { $0.formUnion(digests) }
            return digests.filter { $0 == garbage }
        }
        #expect(count == 1)
        #expect(asked.withLock(\.self) == [garbage, needed])
        #expect(!exists(garbage))
        #expect(exists(needed))
    }

    @Test func `what is young stays, because a transaction may be under way`() async throws {
        let digest = try keep("young")
        let count = try await contents.sweep(now: .now()) { digests in
            Issue.record("asked about \(digests)")
            return digests
        }
        #expect(count == 0)
        #expect(exists(digest))
    }

    @Test func `a content that is taken again while the sweep asks stays`() async throws {
        let digest = try keep("again")
        // Old enough by its own time.
        let past = Date(timeIntervalSinceNow: -7200)
        try FileManager.default.setAttributes(
            [.modificationDate: past], ofItemAtPath: contents.path(of: digest))
        let count = try await contents.sweep(now: .now()) { digests in
            _ = try keep("again")
            return digests
        }
        #expect(count == 0)
        #expect(exists(digest))
    }

    @Test func `a file that a crash left half written goes`() async throws {
        let spool = try contents.spool()
        let path = spool.path
        #expect(FileManager.default.fileExists(atPath: path))
        let (early, late) = (try await sweepAll(.now()), try await sweepAll(later))
        #expect((early, late) == (0, 1))
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `without a folder there is nothing to sweep`() async throws {
        let count = try await sweepAll(later)
        #expect(count == 0)
    }
}
