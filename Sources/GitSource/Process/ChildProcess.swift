import CLibGit2
import Glibc

/// A child process with a deadline, driven by the thread that started it until it is gone.
///
/// It leads its own process group, gets three streams and the descriptor of a lock (so that the lock outlives a
/// killed parent until the child is gone too), and nothing else of its parent: no descriptors, no environment.
struct ChildProcess: ~Copyable {
    /// How it ended, and what it wrote.
    struct Outcome: Sendable {
        enum End: Sendable, Equatable {
            case exited(Int32), signalled(Int32), timedOut, cancelled
        }

        var end: End
        var output: [UInt8]
        var errors: [UInt8]
    }

    /// What a stream takes at least before its reader has read.
    static let inputLimit = 65536
    /// More output than this is cut off.
    private static let outputLimit = 1 << 20
    private static let grace = Duration.seconds(2)

    let process: pid_t
    private let input: Int32
    private var output: Stream
    private var errors: Stream

    fileprivate struct Stream {
        let descriptor: Int32
        var bytes: [UInt8] = []
        var isOpen = true
    }

    /// - Parameter environment: `NAME=value`, complete.
    init(_ command: GitChildCommand, environment: [String]) throws(GitError) {
        let input = try Pipe.openPair()
        let output = try Pipe.open()
        let errors = try Pipe.open()
        defer { for end in [input.read, output.write, errors.write] { close(end) } }
        let inherited: [(Int32, Int32)] = [(input.read, 0), (output.write, 1), (errors.write, 2)]
        let spawned = Self.spawn(command, environment: environment, inherited: inherited)
        switch spawned {
        case .success(let process): self.process = process
        case .failure(let error):
            for end in [input.write, output.read, errors.read] { close(end) }
            throw error
        }
        self.input = input.write
        self.output = Stream(descriptor: output.read)
        self.errors = Stream(descriptor: errors.read)
    }

    deinit { for end in [input, output.descriptor, errors.descriptor] { close(end) } }

    /// Hands over `request` and the lock, and waits for the end, at most until `timeout` and a short grace have passed.
    ///
    /// Must run on the thread that made the child: the kernel kills the child when that thread ends.
    mutating func run(
        _ request: [UInt8], lock: Int32, timeout: Duration, cancellation: Int32
    ) -> Outcome {
        let deadline = ContinuousClock.now + timeout
        send(request, lock)
        var end = read(until: deadline, cancellation: cancellation)
        if end == nil, !exits(before: deadline) { end = .timedOut }
        if end != nil { terminate() }
        let status = reap()
        return Outcome(end: end ?? status, output: output.bytes, errors: errors.bytes)
    }
}

extension ChildProcess {
    /// Ends a child that nobody needs.
    func discard() {
        kill(-process, SIGKILL)
        _ = reap()
    }

    /// Never waits for the child: the request fits into the stream.
    private func send(_ request: [UInt8], _ lock: Int32) {
        precondition(request.count <= Self.inputLimit, "the request must fit into a stream")
        // A child that died already is found by its exit status.
        _ = zs_send_with_descriptor(input, request, request.count, lock)
    }

    /// Reads until the child has closed both streams. Returns why it stopped earlier.
    private mutating func read(until deadline: ContinuousClock.Instant, cancellation: Int32) -> Outcome.End? {
        while output.isOpen || errors.isOpen {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return .timedOut }
            var watched = [
                pollfd(fd: cancellation, events: Int16(POLLIN), revents: 0),
                pollfd(fd: output.isOpen ? output.descriptor : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: errors.isOpen ? errors.descriptor : -1, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&watched, 3, left.pollMilliseconds) >= 0 || errno == EINTR else { return .timedOut }
            if watched[0].revents != 0 { return .cancelled }
            if watched[1].revents != 0 { output.receive(limit: Self.outputLimit) }
            if watched[2].revents != 0 { errors.receive(limit: Self.outputLimit) }
        }
        return nil
    }

    /// A child closes its streams by exiting, so this normally returns at once.
    private func exits(before deadline: ContinuousClock.Instant) -> Bool {
        while true {
            var info = siginfo_t()
            let code = waitid(P_PID, id_t(process), &info, WEXITED | WNOHANG | WNOWAIT)
            if code == 0, info.si_signo == SIGCHLD { return true }
            if code != 0, errno != EINTR { return true }
            guard ContinuousClock.now < deadline else { return false }
            poll(nil, 0, 1)
        }
    }

    /// Asks the whole group to end, then makes it.
    private func terminate() {
        kill(-process, SIGTERM)
        if !exits(before: ContinuousClock.now + Self.grace) { kill(-process, SIGKILL) }
    }

    private func reap() -> Outcome.End {
        // What the child may have started goes with it; the number is its own until it has been waited for.
        kill(-process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
    }

    private static func spawn(
        _ command: GitChildCommand, environment: [String], inherited: [(Int32, Int32)]
    ) -> Result<pid_t, GitError> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // First above all descriptors that are involved, so that none overwrites another, then to its number.
        let parked = 1 + max(STDERR_FILENO, inherited.map(\.0).max() ?? 0)
        for (from, to) in inherited { posix_spawn_file_actions_adddup2(&actions, from, parked + to) }
        for (_, to) in inherited { posix_spawn_file_actions_adddup2(&actions, parked + to, to) }
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var process: pid_t = 0
        let arguments = CStrings([command.executable] + command.arguments)
        let variables = CStrings(environment)
        let code = posix_spawn(
            &process, command.executable, &actions, &attributes, arguments.pointers, variables.pointers)
        guard code == 0 else {
            return .failure(
                GitError(.childFailed, "cannot start `\(command.executable)`: \(SystemError.text(code))"))
        }
        return .success(process)
    }
}

extension ChildProcess.Stream {
    fileprivate mutating func receive(limit: Int) {
        var buffer = [UInt8](repeating: 0, count: 16384)
        let count = read(descriptor, &buffer, buffer.count)
        if count > 0 { bytes += buffer[..<min(count, limit - bytes.count)] }
        if count == 0 || (count < 0 && errno != EINTR) { isOpen = false }
    }
}

extension Duration {
    /// Rounded up, so that waiting for the rest of a duration does not spin.
    fileprivate var pollMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        return Int32(
            clamping: seconds.multipliedReportingOverflow(by: 1000).partialValue + attoseconds
                / 1_000_000_000_000_000 + 1)
    }
}

/// A NULL-terminated array of C strings.
private final class CStrings {
    let pointers: [UnsafeMutablePointer<CChar>?]

    init(_ strings: [String]) { pointers = strings.map { strdup($0) } + [nil] }

    deinit { for pointer in pointers { free(pointer) } }
}
