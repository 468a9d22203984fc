import Glibc

/// Writing small files of the cache.
enum WholeFile {
    /// Replaces the file; mode 0600.
    static func write(_ bytes: [UInt8], to path: String) throws(GitError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw GitError(.cacheUnusable, "cannot write `\(path)`: \(SystemError.last)")
        }
        defer { close(descriptor) }
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw GitError(.cacheUnusable, "cannot write `\(path)`: \(SystemError.last)")
        }
    }
}
