import Glibc
import Log
import Synchronization

/// What `run` writes to standard error: its log, and what ends it, all through one writer.
enum SidecarLog {
    /// How long the end of the process waits for whoever reads the log.
    private static let patience = Duration.seconds(2)

    private static let started = Mutex<LogWriter?>(nil)

    /// nil for other commands, which have no log, and wait for whoever reads what they say.
    static var writer: LogWriter? { started.withLock(\.self) }

    /// - Throws: when there is no thread for it.
    static func start(_ form: LogForm) throws -> LogWriter {
        let writer = try LogWriter(to: STDERR_FILENO) { form.notice(ofMissing: $0) }
        started.withLock { $0 = writer }
        // However the process ends by itself: what was logged until then is written, and what ends it.
        atexit { SidecarLog.writer?.close(within: SidecarLog.patience) }
        return writer
    }
}
