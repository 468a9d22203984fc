import Foundation
import Glibc

/// The lines that a process writes, as they come.
package final class ProcessLines: Sendable {
    /// The process ended, or closed its output, before the line came.
    package struct Ended: Error, CustomStringConvertible {
        package let lines: [String]

        package var description: String { "the process ended; it wrote:\n" + lines.joined(separator: "\n") }
    }

    private struct Output: Sendable {
        var lines: [String] = []
        var hasEnded = false
    }

    /// What a reader does that has read enough.
    package enum Rest: Sendable {
        /// Reads no more until the gate opens; then to the end.
        case until(Gate)
        /// Closes its end.
        case leaves
    }

    private let output = Watched(Output())

    /// Where the process writes to; to be closed here once it has been started.
    let descriptor: Int32

    package init() throws {
        var ends: [Int32] = [0, 0]
        // A pair of sockets, because a pipe cannot be made closed-on-exec in one step here.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        descriptor = ends[1]
        start(ends[0]) { _ in nil }
    }

    /// Through a pipe, whose reader rests after a line as `rest` says.
    package init(rest: @escaping @Sendable (_ line: String) -> Rest?) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        descriptor = ends[1]
        start(ends[0], rest)
    }

    private func start(_ source: Int32, _ rest: @escaping @Sendable (String) -> Rest?) {
        Thread.detachNewThread { [output] in
            Self.read(source) { line in
                output.change { $0.lines.append(line) }
                return rest(line)
            }
            output.change { $0.hasEnded = true }
            close(source)
        }
    }

    package var all: [String] { output.value.lines }

    package var text: String { all.joined(separator: "\n") }

    /// The first line from `start` on that holds all of `parts`.
    ///
    /// - Throws: ``Ended`` when no such line comes any more.
    @discardableResult
    package func line(with parts: String..., from start: Int = 0) async throws -> String {
        let matches: @Sendable (String) -> Bool = { line in parts.allSatisfy { line.contains($0) } }
        let output = try await output.wait {
            $0.hasEnded || $0.lines.dropFirst(start).contains(where: matches)
        }
        guard let line = output.lines.dropFirst(start).first(where: matches) else {
            throw Ended(lines: output.lines)
        }
        return line
    }

    private static func read(_ descriptor: Int32, _ body: (String) -> Rest?) {
        var pending: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            pending += buffer[..<count]
            while let end = pending.firstIndex(of: 0x0A) {
                let rest = body(String(decoding: pending[..<end], as: UTF8.self))
                pending.removeSubrange(...end)
                switch rest {
                case .until(let gate): gate.wait()
                case .leaves: return
                case nil: break
                }
            }
        }
        if !pending.isEmpty { _ = body(String(decoding: pending, as: UTF8.self)) }
    }
}
