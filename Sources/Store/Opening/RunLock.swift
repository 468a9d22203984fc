import Glibc
import JSON

/// The operating-system lock of the process that runs a state: an open-file-description lock (`fcntl(2)`) on
/// `<state>.lock`.
///
/// The kernel releases it when the process ends, however it ends. Unlike `flock(2)` it can be asked for without
/// being taken, so that a command that looks never stands in the way of a process that starts. The file also says
/// who holds it and where that process listens, so that commands beside it find its API.
package final class RunLock: Sendable {
    /// Who runs the state.
    package struct Owner: Sendable, Equatable {
        package var process: Int32
        package var host: String
        package var startedAt: String
        /// Base URL of the public listener; nil until it listens.
        package var url: String?
        /// The file with the certificate of that listener; nil without TLS.
        package var certificateFile: String?

        package init(
            process: Int32, host: String, startedAt: String, url: String? = nil,
            certificateFile: String? = nil
        ) {
            self.process = process
            self.host = host
            self.startedAt = startedAt
            self.url = url
            self.certificateFile = certificateFile
        }

        package var description: String { "process \(process) on \(host), started \(startedAt)" }
    }

    private let path: StatePath
    private let descriptor: Int32

    private init(path: StatePath, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { Glibc.close(descriptor) }

    /// Takes the lock for the life of the returned value.
    ///
    /// - Throws: `StoreError.locked` naming the owner; `StoreError.inaccessible`.
    package static func take(_ path: StatePath, owner: Owner) throws -> RunLock {
        let descriptor = Glibc.open(path.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError.uncreatable(path.lock, of: path, code: errno)
        }
        var range = wholeFile
        guard fcntl(descriptor, OpenFileLock.set, &range) == 0 else {
            let holder = read(descriptor)?.description ?? "another process"
            Glibc.close(descriptor)
            throw StoreError.locked(path: path.file, owner: holder)
        }
        let lock = RunLock(path: path, descriptor: descriptor)
        try lock.describe(owner)
        return lock
    }

    /// Says in the file who holds the lock and where it listens.
    package func describe(_ owner: Owner) throws {
        var members: JSONObject = [
            "process": .number(JSONNumber(owner.process)), "host": .string(owner.host),
            "startedAt": .string(owner.startedAt),
        ]
        members["url"] = owner.url.map(JSONValue.string)
        members["certificateFile"] = owner.certificateFile.map(JSONValue.string)
        let text = JSONValue.object(members).utf8 + [0x0A]
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count else {
            if StoreError.isLackOfRoom(errno) { throw StoreError.full(path: path.lock) }
            throw StoreError.inaccessible(
                path: path.file, reason: "cannot write \(path.lock): \(String(cString: strerror(errno)))")
        }
    }

    /// The process that runs the state now; nil when none does.
    package static func owner(of path: StatePath) -> Owner? {
        let descriptor = Glibc.open(path.lock, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { Glibc.close(descriptor) }
        var range = wholeFile
        guard fcntl(descriptor, OpenFileLock.get, &range) == 0, range.l_type != F_UNLCK else { return nil }
        return read(descriptor)
    }

    private static var wholeFile: flock {
        var range = flock()
        range.l_type = Int16(F_WRLCK)
        range.l_whence = Int16(SEEK_SET)
        return range
    }

    private static func read(_ descriptor: Int32) -> Owner? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0, let value = try? JSONValue(parsing: bytes[..<count]),
            let process = value["process"]?.int, let host = value["host"]?.string,
            let startedAt = value["startedAt"]?.string
        else { return nil }
        return Owner(
            process: Int32(process), host: host, startedAt: startedAt, url: value["url"]?.string,
            certificateFile: value["certificateFile"]?.string)
    }
}

/// Commands of `fcntl(2)` that Glibc's module does not export (Linux, `asm-generic/fcntl.h`).
enum OpenFileLock {
    static let get: CInt = 36
    static let set: CInt = 37
}
