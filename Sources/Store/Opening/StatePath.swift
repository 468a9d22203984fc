internal import Glibc

/// The state's file and what lies beside it.
package struct StatePath: Sendable, Hashable, CustomStringConvertible {
    package let file: String

    package init(_ file: String) { self.file = file }

    /// The state that somebody names. A symbolic link stands for the file that it leads to: SQLite takes it so, and a
    /// state has one lock and one key whatever it is called.
    package static func named(_ name: String) -> StatePath {
        var status = stat()
        guard lstat(name, &status) == 0, status.st_mode & S_IFMT == S_IFLNK, let real = realpath(name, nil)
        else { return StatePath(name) }
        defer { free(real) }
        return StatePath(String(cString: real))
    }

    /// What is committed and not in the file yet.
    package var log: String { file + "-wal" }
    /// Through which the processes that have the file open know of each other.
    package var sharedMemory: String { file + "-shm" }
    /// Random bytes that fingerprints and callback tokens are keyed with; mode 0600.
    package var key: String { file + ".key" }
    /// Held for its life by the process that runs the state.
    package var lock: String { file + ".lock" }
    /// The private clone of the configuration repository.
    package var gitCache: String { file + ".git" }
    /// The copy that is made before a migration away from `version`.
    package func backup(version: Int) -> String { "\(file).v\(version)" }

    package var description: String { file }
}
