import Glibc
import JSON

/// Starts child processes for one cache and reads their answers.
struct ChildRunner: Sendable {
    let command: GitChildCommand
    let folder: CacheFolder
    let limits: GitLimits
    let spare: SpareChild

    /// Starts the process of the next request, which then does not wait for that.
    func makeReady() { spare.makeReady(command, environment: environment) }

    /// - Parameter deadline: when the child is killed.
    func fetch(
        _ remote: GitRemote, into repository: String, deadline: ContinuousClock.Instant, lock: FileLock
    ) async throws(GitError) -> FetchReply {
        let fetch = FetchRequest(
            url: remote.url.address, reference: remote.reference.description,
            credentials: remote.credentials,
            downloadBytes: limits.downloadBytes, home: folder.home)
        let timeout = ContinuousClock.now.duration(to: deadline)
        let reply = try await run(.fetch(fetch), on: repository, timeout: timeout, lock: lock)
        guard case .fetched(let fetched) = reply else { throw Self.unexpected(reply) }
        return fetched
    }

    /// Merges the small packs.
    func compact(_ repository: String, timeout: Duration, lock: FileLock) async throws(GitError) {
        let reply = try await run(.compact, on: repository, timeout: timeout, lock: lock)
        guard case .compacted = reply else { throw Self.unexpected(reply) }
    }

    private func run(
        _ operation: ChildRequest.Operation, on repository: String, timeout: Duration, lock: FileLock
    ) async throws(GitError) -> ChildReply {
        let request = ChildRequest(
            operation: operation, repository: repository, parent: Int(getpid()),
            memoryBytes: limits.childMemoryBytes, cpuSeconds: Int(max(timeout, .zero).components.seconds) + 5)
        let bytes = request.json.utf8 + [UInt8(ascii: "\n")]
        guard bytes.count <= ChildProcess.inputLimit else {
            throw GitError(
                .invalidOption, "the repository URL or the names of the credential files are too long")
        }
        let cancellation = try CancellationPipe()
        let child: StartedChild
        if let ready = spare.take() {
            child = ready
        } else {
            child = try StartedChild(command, environment: environment)
        }
        let result: Result<ChildProcess.Outcome, GitError> = await withTaskCancellationHandler {
            do throws(GitError) {
                return .success(
                    try await child.run(
                        bytes, lock: lock.descriptor, timeout: timeout, cancellation: cancellation.readEnd))
            } catch {
                return .failure(error)
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try Self.reply(try result.get())
    }

    /// Nothing of the parent's, save what the dynamic linker and the SSH agent need.
    private var environment: [String] {
        let inherited = ["LD_LIBRARY_PATH", "SSH_AUTH_SOCK"].compactMap { (name: String) -> String? in
            getenv(name).map { "\(name)=\(String(cString: $0))" }
        }
        return ["HOME=\(folder.home)", "LC_ALL=C", "SWIFT_BACKTRACE=enable=no"] + inherited
    }

    private static func reply(_ outcome: ChildProcess.Outcome) throws(GitError) -> ChildReply {
        switch outcome.end {
        case .timedOut:
            throw GitError(.timeout, "no result in time")
        case .cancelled: throw GitError(.cancelled, "cancelled")
        case .signalled(let signal):
            throw GitError(.childFailed, "the git process was ended by signal \(signal)")
        case .exited(let status):
            guard status == 0, let json = try? JSONValue(parsing: outcome.output),
                let reply = ChildReply(json)
            else {
                throw GitError(
                    .childFailed, "the git process ended with status \(status) and without an answer")
            }
            if case .failed(let error) = reply { throw error }
            return reply
        }
    }

    private static func unexpected(_ reply: ChildReply) -> GitError {
        GitError(.childFailed, "the git process gave the wrong answer")
    }
}
