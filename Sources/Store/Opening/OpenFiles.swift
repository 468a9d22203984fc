import Glibc

/// The files that a state is written to: what they are, whatever is at their names by now.
///
/// An open file can be written although its name is gone or leads to another one, and SQLite does not look: what is
/// committed then is nowhere when the process ends (sqlite.org/howtocorrupt.html, section 4.2, "Unlinking or renaming a
/// database file while in use").
struct OpenFiles: Sendable {
    private let files: [(path: String, identity: Identity)]

    private struct Identity: Equatable {
        let device: dev_t
        let number: ino_t

        /// nil, with the reason in `errno`, when the file at the path cannot be told.
        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = status.st_dev
            number = status.st_ino
        }
    }

    /// Once something was written, so that what lies beside the file is there.
    init(_ state: StatePath) {
        files = [state.file, state.log, state.sharedMemory].compactMap { path in
            Identity(path).map { (path, $0) }
        }
    }

    /// Makes sure that the next process finds what is written now.
    ///
    /// - Throws: `StoreError.displaced`.
    func requireInPlace() throws {
        for (path, identity) in files {
            let isInPlace = Identity(path).map { $0 == identity } ?? (errno != ENOENT)
            guard isInPlace else { throw StoreError.displaced(path: path) }
        }
    }
}
