import Foundation
import Glibc
import TestSupport

/// A pipe whose reader reads when the test says so.
final class TestPipe: Sendable {
    struct Output: Sendable {
        var lines: [String] = []
        var hasEnded = false
    }

    let readEnd: Int32
    let writeEnd: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    /// Begins to read, on a thread of its own, until the end; closes the read end then.
    func read() -> Watched<Output> {
        let output = Watched(Output())
        Thread.detachNewThread { [readEnd] in
            var pending: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = Glibc.read(readEnd, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { break }
                pending += buffer[..<count]
                guard let end = pending.lastIndex(of: UInt8(ascii: "\n")) else { continue }
                let lines = pending[..<end].split(
                    separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
                )
                .map { String(decoding: $0, as: UTF8.self) }
                pending.removeSubrange(...end)
                output.change { $0.lines += lines }
            }
            close(readEnd)
            output.change { $0.hasEnded = true }
        }
        return output
    }
}
