import Glibc

/// A file that a command writes.
enum OutputFile {
    /// Writes beside the file first, so that it is there as a whole or not at all. A pipe or a device, such as
    /// `/dev/stdout`, is written to and never replaced; of a symbolic link it is what the link points to.
    static func write(_ text: String, to path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else { return try replace(path, text) }
        guard status.st_mode & S_IFMT == S_IFREG else { return try pour(text, into: path) }
        guard let real = realpath(path, nil) else { throw failure(path) }
        defer { free(real) }
        try replace(String(cString: real), text)
    }

    private static func replace(_ path: String, _ text: String) throws {
        // A name that nobody can foresee, in folders where others may write too; mode 0600.
        var temporary = Array("\(path).XXXXXX".utf8CString)
        let descriptor = mkstemp(&temporary)
        guard descriptor >= 0 else { throw failure(path) }
        let isWhole = write(text, descriptor)
        close(descriptor)
        guard isWhole, rename(temporary, path) == 0 else {
            let error = failure(path)
            unlink(temporary)
            throw error
        }
    }

    private static func pour(_ text: String, into path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        guard write(text, descriptor) else { throw failure(path) }
    }

    /// False when not all of it could be written.
    private static func write(_ text: String, _ descriptor: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func failure(_ path: String) -> Failure {
        Failure("cannot write \(path): \(String(cString: strerror(errno)))")
    }
}
