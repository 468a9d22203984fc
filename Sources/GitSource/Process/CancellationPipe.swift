import CLibGit2
import Glibc

/// Wakes a thread that waits in `poll` when a task is cancelled.
final class CancellationPipe: Sendable {
    /// Readable from the moment of the cancellation.
    let readEnd: Int32
    private let writeEnd: Int32

    init() throws(GitError) {
        let (read, write) = try Pipe.open()
        (readEnd, writeEnd) = (read, write)
    }

    func cancel() {
        var byte: UInt8 = 1
        // The pipe is empty and both ends are open, so a single byte always fits.
        _ = write(writeEnd, &byte, 1)
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }
}

/// Pipes whose ends no child inherits unless it is given one.
enum Pipe {
    static func open() throws(GitError) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else {
            throw GitError(.childFailed, "cannot open a pipe: \(SystemError.last)")
        }
        return (ends[0], ends[1])
    }

    /// One that can carry descriptors; only what is written is seen at the other end.
    static func openPair() throws(GitError) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw GitError(.childFailed, "cannot open a pair of sockets: \(SystemError.last)")
        }
        return (ends[0], ends[1])
    }
}
