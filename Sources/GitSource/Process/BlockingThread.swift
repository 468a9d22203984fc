import Glibc

/// Runs blocking work on a thread of its own, so that the cooperative pool never waits for it.
///
/// No thread can be had when the process is at its limit of threads, or out of address space; that is an error like any
/// other, and the same may work later.
enum BlockingThread {
    /// - Parameter stack: bytes; nil for what the system gives a thread.
    static func run<Success: Sendable>(
        stack: Int? = nil, _ body: @escaping @Sendable () throws(GitError) -> Success
    ) async throws(GitError) -> Success {
        let result: Result<Success, GitError> = await withCheckedContinuation { continuation in
            do throws(GitError) {
                try start(stack: stack) {
                    continuation.resume(returning: Result { () throws(GitError) in try body() })
                }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    private final class Work {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Runs it without waiting for its end.
    ///
    /// - Throws: when there is no thread for it; it does not run then.
    static func start(stack: Int? = nil, _ body: @escaping @Sendable () -> Void) throws(GitError) {
        let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
        defer { attributes.deallocate() }
        pthread_attr_init(attributes)
        defer { pthread_attr_destroy(attributes) }
        pthread_attr_setdetachstate(attributes, Int32(PTHREAD_CREATE_DETACHED))
        if let stack { pthread_attr_setstacksize(attributes, stack) }
        let work = Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        guard code == 0 else {
            work.release()
            throw GitError(
                .childFailed, "cannot start a thread: \(SystemError.text(code))",
                hint:
                    "the limit of processes or of memory is reached (`ulimit -u`, pids.max of the container)")
        }
    }
}
