import CLibGit2
import Crypto

/// A pack of whole objects that are not compressed (gitformat-pack(5)), written into an object database.
///
/// Compressing a tree of 10,000 files takes longer than all else that a fetch does with it, and saves little: most of it is
/// hashes. The database hashes what it gets, so that an object is found under its own name and no other.
final class PlainPack {
    private let writer: UnsafeMutablePointer<git_odb_writepack>
    private var checksum = Insecure.SHA1()
    private var progress = git_indexer_progress()
    private(set) var bytes = 0

    /// - Parameter count: of the objects that follow.
    init(count: Int, into database: OpaquePointer) throws(LibGit2Failure) {
        var writer: UnsafeMutablePointer<git_odb_writepack>?
        try check(git_odb_write_pack(&writer, database, nil, nil))
        guard let writer else {
            throw LibGit2Failure(code: GIT_ERROR, area: GIT_ERROR_ODB, message: "the cache takes no packs")
        }
        self.writer = writer
        try append(Array("PACK".utf8) + Self.bytes(2) + Self.bytes(UInt32(count)))
    }

    deinit { writer.pointee.free(writer) }

    func add(_ type: git_object_t, _ content: UnsafeRawBufferPointer) throws(LibGit2Failure) {
        try append(Self.head(type, content.count) + ZlibStream.stored(content))
    }

    /// Makes the objects part of the database.
    func finish() throws(LibGit2Failure) {
        try append(Array(checksum.finalize()))
        try check(writer.pointee.commit(writer, &progress))
    }

    private func append(_ piece: [UInt8]) throws(LibGit2Failure) {
        checksum.update(data: piece)
        bytes += piece.count
        try check(writer.pointee.append(writer, piece, piece.count, &progress))
    }

    /// Type and size: four bits of the size in the first byte, seven in each that follows.
    private static func head(_ type: git_object_t, _ size: Int) -> [UInt8] {
        var head = [UInt8(type.rawValue) << 4 | UInt8(size & 15)]
        var rest = size >> 4
        while rest > 0 {
            head[head.count - 1] |= 0x80
            head.append(UInt8(rest & 0x7F))
            rest >>= 7
        }
        return head
    }

    private static func bytes(_ number: UInt32) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}
