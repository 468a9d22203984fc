import Glibc

/// Files that a person wrote: keys, tokens, lists of hosts.
enum SmallFile {
    private static let limit = 1 << 20

    /// - Throws: `invalidCredential`, naming `what` and the path.
    static func read(_ path: String, what: String) throws(GitError) -> [UInt8] {
        guard let bytes = try readIfPresent(path, what: what) else {
            throw GitError(
                .invalidCredential, "cannot read the \(what) `\(path)`: \(SystemError.text(ENOENT))")
        }
        return bytes
    }

    /// nil when there is no such file.
    static func readIfPresent(_ path: String, what: String) throws(GitError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw GitError(.invalidCredential, "cannot read the \(what) `\(path)`: \(SystemError.last)")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { return bytes }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw GitError(.invalidCredential, "cannot read the \(what) `\(path)`: \(SystemError.last)")
            }
            bytes += buffer[..<count]
            guard bytes.count <= limit else {
                throw GitError(.invalidCredential, "the \(what) `\(path)` is larger than \(limit) bytes")
            }
        }
    }
}
