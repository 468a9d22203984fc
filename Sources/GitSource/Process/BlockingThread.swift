import Glibc

/// Runs blocking work on a thread of its own, so that the cooperative pool never waits for it.
enum BlockingThread {
    static func run<Success: Sendable>(
        _ body: @escaping @Sendable () throws(GitError) -> Success
    ) async throws(GitError) -> Success {
        let result: Result<Success, GitError> = await withCheckedContinuation { continuation in
            start {
                continuation.resume(returning: Result { () throws(GitError) in try body() })
            }
        }
        return try result.get()
    }

    private final class Work {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Runs it without waiting for its end.
    static func start(_ body: @escaping @Sendable () -> Void) {
        let work = Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        // Only fails when the process is at its limit of threads; then nothing works any more.
        precondition(code == 0, "cannot start a thread")
        pthread_detach(thread)
    }
}
