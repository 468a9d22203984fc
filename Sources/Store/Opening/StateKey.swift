import Glibc

/// 32 random bytes beside the state that key fingerprints of secrets, callback tokens and the local credential.
///
/// Kept out of the state file, so that a copy of the state alone does not allow to guess a secret from its
/// fingerprint.
package struct StateKey: Sendable {
    package let bytes: [UInt8]

    package static let size = 32

    /// Reads `<state>.key`, or creates it with mode 0600 when `create` is set.
    ///
    /// - Throws: `StoreError.key` when it is missing, has another size, or is readable by others.
    package static func load(_ path: StatePath, create: Bool) throws -> StateKey {
        let file = path.key
        func failure(_ reason: String) -> StoreError { .key(path: file, reason: reason) }
        let descriptor = Glibc.open(file, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            guard errno == ENOENT, create else { throw failure(String(cString: strerror(errno))) }
            return try generate(file)
        }
        defer { Glibc.close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(String(cString: strerror(errno))) }
        guard status.st_mode & 0o077 == 0 else {
            throw failure("it can be read by others; `chmod 600 \(file)` after making sure that nobody did")
        }
        var bytes = [UInt8](repeating: 0, count: size + 1)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count == size else { throw failure("it does not hold \(size) bytes") }
        return StateKey(bytes: Array(bytes[..<size]))
    }

    /// Writes a new key durably under another name first, so that a crash leaves none or a whole one.
    private static func generate(_ file: String) throws -> StateKey {
        func failure() -> StoreError {
            StoreError.isLackOfRoom(errno)
                ? .full(path: file) : .key(path: file, reason: String(cString: strerror(errno)))
        }
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
        // A process id alone is not unique: in a container every process has the same one.
        let temporary = "\(file).\(UInt64.random(in: 0 ... .max, using: &random))"
        let descriptor = Glibc.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure() }
        let written = Glibc.write(descriptor, bytes, size) == size && fsync(descriptor) == 0
        Glibc.close(descriptor)
        // link(2) refuses to replace a key that another process made in the meantime.
        let linked = written && link(temporary, file) == 0
        let reason = errno
        unlink(temporary)
        if linked { return StateKey(bytes: bytes) }
        errno = reason
        guard reason == EEXIST else { throw failure() }
        return try load(StatePath(String(file.dropLast(4))), create: false)
    }
}
