import Glibc
import Synchronization
package import Threads

/// Writes lines to a descriptor on a thread of its own, so that nobody who logs waits for whoever reads.
///
/// - Lines are written in the order of the calls, all that wait with one system call. The thread is woken by the first of
///   them and waits for no others: for microseconds, as long as a core is free. It interrupts nobody who works, because
///   one that did for every line would cost more than the lines: where all cores are busy, lines wait for milliseconds.
/// - When nobody reads, lines wait up to a bound; what comes after that is dropped. Once the lines before have been read, one
///   line says in their place how many are missing.
/// - Lines that cannot be written, because the reader is gone or the disk behind the descriptor is full, are thrown away; the
///   next that can be written comes after a line that says how many.
/// - ``close(within:)`` returns when all lines are written. A process that is killed, or crashes, loses those that
///   wait.
///
/// A descriptor that somebody made non-blocking is waited for. Children of the process share nothing with the writer.
package final class LogWriter: Sendable {
    /// Bytes of the lines that may wait; as many may be under way to a reader that is slow.
    package static let defaultLimit = 4 << 20

    private struct State {
        /// What the thread takes next.
        var lines: [UInt8] = []
        /// Lines that found no room after those.
        var dropped = 0
        /// All that nobody will read.
        var missing = 0
        /// Whether the thread is at work and will look again by itself.
        var isWriting = false
        var isClosed = false

        var isEmpty: Bool { lines.isEmpty && dropped == 0 }
    }

    private struct Batch {
        let lines: [UInt8]
        let dropped: Int
    }

    private let descriptor: Int32
    private let limit: Int
    private let notice: @Sendable (Int) -> [UInt8]
    private let state = Mutex(State())
    private let work = Signal()
    private let ended = Signal()

    /// Starts the thread; it ends after `close(within:)`.
    ///
    /// - Parameters:
    ///   - descriptor: stays open for as long as the writer is in use.
    ///   - limit: bytes of the lines that may wait.
    ///   - notice: the line that says that so many are missing.
    /// - Throws: when there is no thread for it.
    package init(
        to descriptor: Int32, limit: Int = defaultLimit, notice: @escaping @Sendable (_ lines: Int) -> [UInt8]
    ) throws(BlockingThread.Failure) {
        self.descriptor = descriptor
        self.limit = limit
        self.notice = notice
        try BlockingThread.start("log-writer", interruptsOthers: false) { [self] in run() }
    }

    /// Lines that nobody will read: they found no room, or could not be written.
    package var missing: Int { state.withLock(\.missing) }

    /// Takes a line, which ends in a line end, and returns at once. After `close(within:)` it is thrown away.
    package func write(_ line: [UInt8]) {
        let isFirst = state.withLock { state in
            guard !state.isClosed else { return false }
            let isFirst = state.isEmpty && !state.isWriting
            // After one that found no room none is taken, so that what is missing is missing in one place.
            if state.dropped == 0 && state.lines.count + line.count <= limit {
                state.lines.append(contentsOf: line)
            } else {
                state.dropped += 1
                state.missing += 1
            }
            return isFirst
        }
        if isFirst { work.raise() }
    }

    /// Takes no more lines, and waits until those that were taken are written, at most for so long.
    ///
    /// - Returns: whether they are.
    @discardableResult
    package func close(within time: Duration) -> Bool {
        state.withLock { $0.isClosed = true }
        work.raise()
        return ended.wait(until: .now + time)
    }

    // MARK: The thread

    private func run() {
        // A reader that is gone is an error of the write, also where nobody ignores the signal.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        var unsaid = 0
        while let batch = nextBatch() {
            say(&unsaid)
            let lost = write(all: batch.lines)
            if lost > 0 { state.withLock { $0.missing += lost } }
            unsaid += lost + batch.dropped
            say(&unsaid)
        }
        ended.raise()
    }

    /// Waits while there is nothing to do; nil when that stays so.
    private func nextBatch() -> Batch? {
        enum Step { case batch(Batch), wait, stop }
        while true {
            let step: Step = state.withLock { state in
                guard !state.isEmpty else {
                    state.isWriting = false
                    return state.isClosed ? .stop : .wait
                }
                state.isWriting = true
                defer { (state.lines, state.dropped) = ([], 0) }
                return .batch(Batch(lines: state.lines, dropped: state.dropped))
            }
            switch step {
            case .batch(let batch): return batch
            case .wait: work.wait()
            case .stop: return nil
            }
        }
    }

    /// Says how many lines are missing at this place; while that cannot be written either, later ones are added.
    private func say(_ lines: inout Int) {
        guard lines > 0, write(all: notice(lines)) == 0 else { return }
        lines = 0
    }

    /// Returns how many lines could not be written, or not to their end.
    private func write(all lines: [UInt8]) -> Int {
        lines.withUnsafeBytes { lines in
            var rest = lines[...]
            while !rest.isEmpty {
                let count = Glibc.write(
                    descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if count < 0 && errno == EAGAIN {
                    waitForRoom()
                } else if count == 0 || errno != EINTR {
                    return rest.count { $0 == UInt8(ascii: "\n") }
                }
            }
            return 0
        }
    }

    /// Of a descriptor that somebody made non-blocking.
    private func waitForRoom() {
        var stream = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&stream, 1, -1)
    }
}
