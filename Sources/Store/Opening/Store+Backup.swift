import GRDB
import Glibc

extension Store {
    /// Copies the state, as of one moment, into a new file that only its owner may read; beside a running process, too.
    /// Durable on return, and removed again when it fails.
    ///
    /// - Throws: `StoreError`, also when there is something at `file`.
    package func backUp(to file: String) throws {
        let descriptor = Glibc.open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError.inaccessible(path: file, reason: String(cString: strerror(errno)))
        }
        defer { Glibc.close(descriptor) }
        do {
            try copyPages(to: file)
            guard fsync(descriptor) == 0 else {
                throw StoreError.inaccessible(path: file, reason: String(cString: strerror(errno)))
            }
        } catch {
            unlink(file)
            throw StoreError.wrapping(error, path: file)
        }
    }

    /// In one step: no page is younger than another.
    private func copyPages(to file: String) throws {
        let copy = try DatabaseQueue(path: file)
        try pool.backup(to: copy)
        // A copy is one file; its log would be a second.
        try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
        try copy.close()
    }
}
