import CLibGit2
import Dispatch
import Glibc
import Synchronization

/// A child process that waits for its request, and the thread that drives it.
///
/// The thread starts the child, because the kernel kills a child when the thread that started it ends, and stays with it
/// until it is gone. It takes one request, or is discarded.
final class StartedChild: Sendable {
    /// What it is used for.
    private struct Use: Sendable {
        let request: [UInt8]
        let lock: Int32
        let timeout: Duration
        let cancellation: Int32
        let report: @Sendable (Result<ChildProcess.Outcome, GitError>) -> Void
    }

    private struct State {
        var process: pid_t?
        var use: Use?
    }

    private let state = Mutex(State())
    /// Raised once: there is a use, or there will be none.
    private let decided = DispatchSemaphore(value: 0)

    /// - Throws: when there is no thread for it.
    init(_ command: GitChildCommand, environment: [String]) throws(GitError) {
        try GitThread.start("git-child") { [self] in drive(command, environment) }
    }

    /// Whether it can still take a request, as far as is known.
    var isAlive: Bool {
        guard let process = state.withLock(\.process) else { return true }
        var info = siginfo_t()
        let code = waitid(P_PID, id_t(process), &info, WEXITED | WNOHANG | WNOWAIT)
        return code == 0 && info.si_signo != SIGCHLD
    }

    /// Hands over the request and the lock, and waits for the end, at most until `timeout` and a short grace have passed.
    ///
    /// - Precondition: it was neither used nor discarded before.
    func run(
        _ request: [UInt8], lock: Int32, timeout: Duration, cancellation: Int32
    ) async throws(GitError) -> ChildProcess.Outcome {
        let result: Result<ChildProcess.Outcome, GitError> = await withCheckedContinuation { continuation in
            state.withLock { state in
                state.use = Use(
                    request: request, lock: lock, timeout: timeout, cancellation: cancellation,
                    report: { continuation.resume(returning: $0) })
            }
            decided.signal()
        }
        return try result.get()
    }

    /// Ends a child that was not used.
    func discard() { decided.signal() }

    private func drive(_ command: GitChildCommand, _ environment: [String]) {
        do throws(GitError) {
            var child = try ChildProcess(command, environment: environment)
            state.withLock { $0.process = child.process }
            decided.wait()
            guard let use = state.withLock(\.use) else { return child.discard() }
            let outcome = child.run(
                use.request, lock: use.lock, timeout: use.timeout, cancellation: use.cancellation)
            use.report(.success(outcome))
        } catch {
            decided.wait()
            state.withLock(\.use)?.report(.failure(error))
        }
    }
}
