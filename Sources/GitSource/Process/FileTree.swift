import Glibc

/// Names of files, and removing them.
package enum FileTree {
    /// The entries of a folder without `.` and `..`, sorted; none when it does not exist.
    static func names(in folder: String) throws(GitError) -> [String] {
        guard let stream = opendir(folder) else {
            if errno == ENOENT { return [] }
            throw GitError(.cacheUnusable, "cannot list `\(folder)`: \(SystemError.last)")
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                // A part of the names is not taken for all of them.
                guard errno == 0 else {
                    throw GitError(.cacheUnusable, "cannot list `\(folder)`: \(SystemError.last)")
                }
                return names.sorted()
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }

    /// Removes a file or a folder with all that is in it; links are removed, not followed. Nothing there is fine.
    package static func remove(_ path: String) throws(GitError) {
        if unlink(path) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else { throw failure(path) }
        for name in try names(in: path) { try remove("\(path)/\(name)") }
        guard rmdir(path) == 0 || errno == ENOENT else { throw failure(path) }
    }

    static func rename(_ old: String, to new: String) throws(GitError) {
        guard Glibc.rename(old, new) == 0 else {
            throw GitError(.cacheUnusable, "cannot rename `\(old)`: \(SystemError.last)")
        }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Nanoseconds since 1970; 0 when there is no such file.
    static func modified(_ path: String) -> Int {
        var information = stat()
        guard stat(path, &information) == 0 else { return 0 }
        return information.st_mtim.tv_sec * 1_000_000_000 + information.st_mtim.tv_nsec
    }

    /// Bytes; 0 when there is no such file.
    static func size(_ path: String) -> Int {
        var information = stat()
        return stat(path, &information) == 0 ? information.st_size : 0
    }

    private static func failure(_ path: String) -> GitError {
        GitError(.cacheUnusable, "cannot remove `\(path)`: \(SystemError.last)")
    }
}
