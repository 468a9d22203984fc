import Glibc

/// An operating-system lock on a file (`flock`), held as long as this value and every process that inherited
/// its descriptor live.
final class FileLock: Sendable {
    enum Mode: Sendable {
        /// Many readers at a time.
        case shared
        /// One process alone.
        case exclusive
    }

    let descriptor: Int32

    /// Takes the lock, waiting at most `patience` for other processes.
    init(_ path: String, _ mode: Mode, patience: Duration) async throws(GitError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw GitError(.cacheUnusable, "cannot open the lock `\(path)`: \(SystemError.last)")
        }
        // From here on `deinit` closes it, whatever happens.
        self.descriptor = descriptor
        let deadline = ContinuousClock.now + patience
        while flock(descriptor, (mode == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw GitError(.cacheUnusable, "cannot lock `\(path)`: \(SystemError.last)")
            }
            guard ContinuousClock.now < deadline else {
                throw GitError(
                    .cacheBusy, "the cache is in use by another process\(Self.owner(descriptor))",
                    hint: "wait for it, or use another --cache-dir")
            }
            do { try await Task.sleep(for: .milliseconds(10)) } catch {
                throw GitError(.cancelled, "cancelled while waiting for the lock of the cache")
            }
        }
        if mode == .exclusive { writeOwner() }
    }

    deinit { close(descriptor) }

    private func writeOwner() {
        let text = Array("\(getpid())\n".utf8)
        // For messages only: a lock without a name in it is as good.
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
    }

    private static func owner(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 1, let process = Int(String(decoding: bytes[..<(count - 1)], as: UTF8.self)) else {
            return ""
        }
        return " (last locked by process \(process))"
    }
}
