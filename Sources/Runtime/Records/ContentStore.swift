import Crypto
import Glibc
import NIOPosix
import Store
import Synchronization

/// The contents of attachments: files in a folder beside the state, named after their SHA-256.
///
/// A content is written under a temporary name, synced, renamed, its folder synced; only then may the state refer to it.
/// So a crash leaves a file too many, never one too few; the sweep removes what nothing refers to.
final class ContentStore: Sendable {
    let folder: String
    private let parent: String
    /// Held while a content gets its name or loses it, so that the sweep never takes one that was just taken again.
    private let naming = Mutex(())
    /// Held until a new folder is durable, so that whoever finds it there may rely on it.
    private let making = Mutex(())

    /// Files that are younger may belong to a transaction that is under way.
    static let minimumAge = Duration.seconds(3600)

    init(_ path: StatePath) {
        folder = path.file + ".files"
        let name = path.file.split(separator: "/").last ?? ""
        parent = String(path.file.dropLast(name.count)) + "."
    }

    func path(of digest: String) -> String { "\(folder)/\(digest.prefix(2))/\(digest)" }

    private var temporary: String { "\(folder)/tmp" }

    /// Begins a file whose name is not known yet. Blocks on file output.
    func spool() throws -> Spool {
        try makeFolder(folder, in: parent)
        try makeFolder(temporary, in: folder)
        return try Spool("\(temporary)/\(UInt64.random(in: 0 ... .max))")
    }

    /// Makes a finished file durable under the name of its content; returns the digest. Blocks on file output.
    func keep(_ spool: Spool) throws -> String {
        let digest = try spool.finish()
        let final = path(of: digest)
        let shard = "\(folder)/\(digest.prefix(2))"
        try makeFolder(shard, in: folder)
        try naming.withLock { _ in
            // The same content may be there: a new time keeps the sweep from it until the state refers to it again.
            if utimensat(AT_FDCWD, final, nil, 0) == 0 { return }
            guard rename(spool.path, final) == 0 else { throw FileError("rename `\(spool.path)`") }
        }
        try Self.sync(folder: shard)
        return digest
    }

    /// Removes contents that nothing refers to, and temporary files that were left behind; returns how many.
    ///
    /// - Parameter isUnreferenced: which of some digests no attachment has.
    func sweep(
        now: UnixTime, isUnreferenced: @Sendable ([String]) async throws -> [String]
    ) async throws -> Int {
        let limit = now - Self.minimumAge
        let threads = NIOThreadPool.singleton
        let shards = try await threads.runIfActive { Self.entries(self.folder) }
        var count = 0
        for shard in shards {
            let old = try await threads.runIfActive {
                Self.entries("\(self.folder)/\(shard)").filter {
                    Self.modified("\(self.folder)/\(shard)/\($0)") < limit
                }
            }
            guard !old.isEmpty else { continue }
            let garbage = shard == "tmp" ? old : try await isUnreferenced(old)
            count += try await threads.runIfActive {
                garbage.filter { self.remove("\(self.folder)/\(shard)/\($0)", olderThan: limit) }.count
            }
        }
        return count
    }

    /// Looks at the time again: a new attachment may have taken the content in the meantime.
    private func remove(_ file: String, olderThan limit: UnixTime) -> Bool {
        naming.withLock { _ in Self.modified(file) < limit && unlink(file) == 0 }
    }

    private func makeFolder(_ path: String, in parent: String) throws {
        try making.withLock { _ in
            if mkdir(path, 0o700) == 0 { return try Self.sync(folder: parent) }
            guard errno == EEXIST else { throw FileError("make `\(path)`") }
        }
    }

    private static func sync(folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open `\(folder)`") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError("sync `\(folder)`") }
    }

    private static func entries(_ folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    /// When a file was written or taken again; now when it cannot be seen.
    private static func modified(_ path: String) -> UnixTime {
        var status = stat()
        guard stat(path, &status) == 0 else { return UnixTime(milliseconds: .max) }
        return UnixTime(milliseconds: Int64(status.st_mtim.tv_sec) * 1000)
    }
}

/// A file that is being written, with its digest. Removed with the value unless it was kept. Blocks on file output.
final class Spool: Sendable {
    private struct State {
        var hash = SHA256()
        var size = 0
    }

    let path: String
    private let descriptor: Int32
    private let state = Mutex(State())

    /// - Throws: `FileError`.
    init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError("make `\(path)`") }
    }

    deinit {
        close(descriptor)
        // After a rename there is nothing under this name.
        unlink(path)
    }

    var size: Int { state.withLock(\.size) }

    /// Appends bytes.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
            guard written > 0 else {
                if errno == EINTR { continue }
                throw FileError("write `\(path)`")
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
        state.withLock { state in
            state.hash.update(bufferPointer: bytes)
            state.size += bytes.count
        }
    }

    /// Takes what somebody else wrote into the file as its content.
    func adopt() throws {
        let file = try FileReader(path)
        try state.withLock { state in
            state = State()
            while let piece = try file.read(256 << 10) {
                state.hash.update(data: piece)
                state.size += piece.count
            }
        }
    }

    /// The first bytes that were written, at most `count`.
    func read(upTo count: Int) throws -> [UInt8] { try read(count, at: 0) }

    /// The bytes from a position on, fewer than `count` only at the end.
    func read(_ count: Int, at position: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
            while length < count {
                let received = pread(
                    descriptor, buffer.baseAddress! + length, count - length, off_t(position + length))
                guard received >= 0 else { throw FileError("read `\(path)`") }
                if received == 0 { break }
                length += received
            }
        }
    }

    /// Makes what was written durable; returns its SHA-256 in lower-case hex.
    func finish() throws -> String {
        guard fsync(descriptor) == 0 else { throw FileError("sync `\(path)`") }
        return state.withLock { Hex.lowercase(Array($0.hash.finalize())) }
    }
}
