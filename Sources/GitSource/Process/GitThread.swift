import Threads

/// Blocking work on a thread of its own, with the errors of this target.
enum GitThread {
    /// Runs the work, and waits for its end without blocking.
    ///
    /// - Parameter stack: bytes; nil for what the system gives a thread.
    static func run<Success: Sendable>(
        _ name: StaticString, stack: Int? = nil, _ body: @escaping @Sendable () throws(GitError) -> Success
    ) async throws(GitError) -> Success {
        let result: Result<Success, GitError> = await withCheckedContinuation { continuation in
            do throws(GitError) {
                try start(name, stack: stack) {
                    continuation.resume(returning: Result { () throws(GitError) in try body() })
                }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    /// Runs it without waiting for its end.
    ///
    /// - Throws: when there is no thread for it; it does not run then.
    static func start(
        _ name: StaticString, stack: Int? = nil, _ body: @escaping @Sendable () -> Void
    ) throws(GitError) {
        do { try BlockingThread.start(name, stack: stack, body) } catch {
            throw GitError(
                .childFailed, "cannot start a thread: \(SystemError.text(error.code))",
                hint:
                    "the limit of processes or of memory is reached (`ulimit -u`, pids.max of the container)")
        }
    }
}
