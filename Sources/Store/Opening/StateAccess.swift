import Glibc

/// What keeps this process from the files of a state. SQLite says only that it cannot open one of them.
enum StateAccess {
    /// Whether there is something at the path; it is a file then, with this name only.
    ///
    /// SQLite's log is named after the file: under a second name it would keep a second one, and each would destroy what
    /// the other wrote (sqlite.org/howtocorrupt.html, section 2.5, "Multiple links to the same file").
    ///
    /// - Throws: `StoreError`.
    static func exists(_ state: StatePath) throws -> Bool {
        guard !state.file.isEmpty else { throw StoreError.inaccessible(path: "``", reason: "it has no name") }
        var status = stat()
        guard stat(state.file, &status) == 0 else {
            if errno == ENOENT { return false }
            throw StoreError.inaccessible(path: state.file, reason: reason(errno))
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw StoreError.inaccessible(path: state.file, reason: "it is a directory")
        default: throw StoreError.inaccessible(path: state.file, reason: "it is not a regular file")
        }
        guard status.st_nlink <= 1 else { throw StoreError.linked(path: state.file) }
        return true
    }

    /// The first file of an existing state, or its folder, that this process may not use as it has to; nil when there is
    /// none.
    static func obstacle(to state: StatePath, writing: Bool) -> String? {
        if let reason = refusal(state.file, writing ? R_OK | W_OK : R_OK) { return reason }
        for file in [state.log, state.sharedMemory] {
            if let reason = refusal(file, R_OK | W_OK) { return "\(file): \(reason)" }
        }
        let folder = Store.folder(of: state.file)
        return refusal(folder, W_OK | X_OK).map { "the folder \(folder) is not writable: \($0)" }
    }

    /// Why a file cannot be created, or opened for writing when it is there: mostly its folder is to blame.
    ///
    /// - Parameter code: what `open(2)` left in `errno`.
    static func obstacle(toCreating file: String, of state: StatePath, code: CInt) -> String {
        let folder = Store.folder(of: file)
        if code == ENOENT { return "the folder \(folder) does not exist" }
        let isThere = faccessat(AT_FDCWD, file, F_OK, AT_EACCESS) == 0
        if !isThere, [EACCES, EPERM, EROFS].contains(code) {
            return "the folder \(folder) is not writable: \(reason(code))"
        }
        return file == state.file ? reason(code) : "\(file): \(reason(code))"
    }

    /// nil also when there is no such file.
    private static func refusal(_ file: String, _ mode: CInt) -> String? {
        guard faccessat(AT_FDCWD, file, mode, AT_EACCESS) != 0, errno != ENOENT else { return nil }
        return reason(errno)
    }

    private static func reason(_ code: CInt) -> String { String(cString: strerror(code)).lowercased() }
}
