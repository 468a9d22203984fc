import ArgumentParser
import Glibc
import NIOCore
import Threads

/// How many threads a command needs to get anywhere, and whether there are as many.
enum ThreadNeed {
    /// To be called on the main thread before the first task.
    ///
    /// - Throws: `Failure` when the command could only hang, or crash.
    static func check(_ command: any AsyncParsableCommand) throws {
        let count = command is RunCommand ? sidecar : other
        do {
            try BlockingThread.rehearse(count)
        } catch {
            let reason = String(cString: strerror(error.code)).lowercased()
            throw Failure(
                "cannot start the \(count) threads that this command needs: \(reason)",
                hint:
                    "the limit of processes or of memory is reached (`ulimit -u`, pids.max of the container)")
        }
    }

    /// Of the pool of tasks and its manager, of serial queues, of a fetch, of the resolver of names; and an event loop for
    /// each core.
    private static let other = 17 + cores

    /// Beside them: the writers of the state and of the log, the pools for files and secrets, and event loops of its own.
    private static let sidecar = 24 + 2 * max(2, cores)

    private static let cores = System.coreCount
}
