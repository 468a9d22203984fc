import Glibc
import Hummingbird
import NIOCore
import NIOPosix

/// A file as the body of an answer, read piece by piece on a thread that may block.
struct FileBody: Sendable {
    let path: String
    let size: Int

    private static let pieceSize = 128 << 10

    var body: ResponseBody {
        ResponseBody(contentLength: size) { writer in
            let file = try await NIOThreadPool.singleton.runIfActive { try FileReader(path) }
            while let piece = try await NIOThreadPool.singleton.runIfActive({ try file.read(Self.pieceSize) })
            {
                try await writer.write(ByteBuffer(bytes: piece))
            }
            try await writer.finish(nil)
        }
    }
}

/// A file that is read from its beginning.
final class FileReader: Sendable {
    private let descriptor: Int32
    let size: Int

    /// - Throws: `FileError`.
    init(_ path: String) throws {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open `\(path)`") }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            close(descriptor)
            throw FileError("read `\(path)`")
        }
        size = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// nil when there is no such file.
    static func size(of path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    /// The next bytes, at most `count`; nil at the end.
    func read(_ count: Int) throws -> [UInt8]? {
        let bytes = try [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
            let received = Glibc.read(descriptor, buffer.baseAddress, count)
            guard received >= 0 else { throw FileError("read a file") }
            length = received
        }
        return bytes.isEmpty ? nil : bytes
    }
}

/// A file operation that failed, in words.
struct FileError: Error, CustomStringConvertible {
    let description: String

    init(_ operation: String) { description = "cannot \(operation): \(String(cString: strerror(errno)))" }
}
