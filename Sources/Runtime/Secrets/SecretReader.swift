import Glibc
package import Resources

/// Why a reference has no value now; never says anything about the value.
package struct SecretProblem: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// Reads the values of secret references from where they point to.
package struct SecretReader: Sendable {
    /// Folders that files must be in; nil allows any absolute path.
    package let folders: [String]?
    /// The process's environment; injected for tests.
    package let environment: @Sendable (String) -> String?

    /// The largest value, in bytes.
    package static let maximumSize = 64 << 10

    package init(
        folders: [String]?,
        environment: @escaping @Sendable (String) -> String? = { name in
            getenv(name).map { String(cString: $0) }
        }
    ) {
        self.folders = folders
        self.environment = environment
    }

    /// Reads a value now. Blocks on file input; call it off the event loops.
    package func read(_ source: SecretReferenceSpec.Source) -> Result<SecretValue, SecretProblem> {
        switch source {
        case .environment(let name):
            guard let value = environment(name) else {
                return .failure(SecretProblem("the environment variable `\(name)` is not set"))
            }
            guard !value.isEmpty else {
                return .failure(SecretProblem("the environment variable `\(name)` is empty"))
            }
            return .success(SecretValue(Array(value.utf8)))
        case .file(let path):
            return Result { () throws(SecretProblem) in try readFile(path) }
        }
    }

    private func readFile(_ path: String) throws(SecretProblem) -> SecretValue {
        guard path.hasPrefix("/") else { throw SecretProblem("the path `\(path)` is not absolute") }
        try checkFolder(path)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SecretProblem("cannot read `\(path)`: \(lastError())") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw SecretProblem("`\(path)` is not a regular file")
        }
        var bytes = [UInt8](repeating: 0, count: Self.maximumSize + 1)
        var count = 0
        while count < bytes.count {
            let received = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress! + count, $0.count - count)
            }
            guard received >= 0 else { throw SecretProblem("cannot read `\(path)`: \(lastError())") }
            if received == 0 { break }
            count += received
        }
        guard count <= Self.maximumSize else { throw SecretProblem("`\(path)` is larger than 64 KiB") }
        bytes.removeLast(bytes.count - count)
        // One line end is what an editor or `echo` leaves behind; more would belong to the value.
        if bytes.last == 0x0A {
            bytes.removeLast()
            if bytes.last == 0x0D { bytes.removeLast() }
        }
        guard !bytes.isEmpty else { throw SecretProblem("`\(path)` is empty") }
        return SecretValue(bytes)
    }

    /// The real path counts, so that a symbolic link does not lead out of the folder.
    private func checkFolder(_ path: String) throws(SecretProblem) {
        guard let folders else { return }
        guard let real = realPath(path) else { throw SecretProblem("cannot read `\(path)`: \(lastError())") }
        let isInside = folders.contains { folder in
            realPath(folder).map { real.hasPrefix($0 == "/" ? $0 : $0 + "/") } ?? false
        }
        guard isInside else {
            throw SecretProblem("`\(path)` is outside of the folders that --secrets-dir allows")
        }
    }

    private func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private func lastError() -> String { String(cString: strerror(errno)) }
}
