import Foundation
import Synchronization

/// A process that a test started. Foundation's `Process` crashes on Linux when several threads start processes.
package final class TestProcess: Sendable {
    package let id: Int32
    private let state = Mutex(State())

    private struct State {
        var status: Int32?
        var waiting: [CheckedContinuation<Int32, Never>] = []
    }

    /// - Parameters:
    ///   - command: a path, or the name of a program, and its arguments.
    ///   - input, output, errors: files; `/dev/null` when nil.
    ///   - inputDescriptor, outputDescriptor, errorsDescriptor: instead of files.
    package init(
        _ command: [String], environment: [String: String] = [:], input: String? = nil, output: String? = nil,
        errors: String? = nil, inputDescriptor: Int32? = nil, outputDescriptor: Int32? = nil,
        errorsDescriptor: Int32? = nil
    ) throws {
        let program = TestCommand.path(of: command[0]) ?? command[0]
        var variables = ["PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C"]
        variables.merge(environment) { $1 }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let (null, write) = ("/dev/null", O_WRONLY | O_CREAT | O_APPEND)
        posix_spawn_file_actions_addopen(&actions, 0, input ?? null, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output ?? null, write, 0o600)
        if let inputDescriptor { posix_spawn_file_actions_adddup2(&actions, inputDescriptor, 0) }
        if let outputDescriptor { posix_spawn_file_actions_adddup2(&actions, outputDescriptor, 1) }
        posix_spawn_file_actions_addopen(&actions, 2, errors ?? null, write, 0o600)
        if let errorsDescriptor { posix_spawn_file_actions_adddup2(&actions, errorsDescriptor, 2) }
        // A socket of another test would stay open for as long as this process runs; closing what is not open is no error.
        let limit = min(Int32(clamping: sysconf(Int32(_SC_OPEN_MAX))), 4096)
        for descriptor in 3..<max(3, limit) { posix_spawn_file_actions_addclose(&actions, descriptor) }
        // Threads of the pool block signals, which a child would inherit.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let arguments = ([program] + command.dropFirst()).map { strdup($0) } + [nil]
        let environment = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in arguments + environment { free(text) } }
        var id: pid_t = 0
        let code = posix_spawn(&id, program, &actions, &attributes, arguments, environment)
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
        self.id = id
        Thread.detachNewThread { [self] in reap() }
    }

    /// The exit status; the negative signal when one ended the process.
    package var end: Int32 {
        get async {
            await withCheckedContinuation { continuation in
                let status = state.withLock { state in
                    if state.status == nil { state.waiting.append(continuation) }
                    return state.status
                }
                if let status { continuation.resume(returning: status) }
            }
        }
    }

    package var hasEnded: Bool { state.withLock { $0.status != nil } }

    /// Sends a signal, unless the process has ended.
    package func signal(_ number: Int32) {
        state.withLock { if $0.status == nil { kill(id, number) } }
    }

    private func reap() {
        var information = siginfo_t()
        // The process stays a zombie until the lock is held, so that no signal goes to a stranger.
        while waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        let waiting = state.withLock { state in
            var status: Int32 = 0
            waitpid(id, &status, 0)
            let signal = status & 0x7F
            state.status = signal == 0 ? (status >> 8) & 0xFF : -signal
            return (state.waiting, state.status ?? 0)
        }
        for continuation in waiting.0 { continuation.resume(returning: waiting.1) }
    }
}
