import CLibGit2

/// What an entry of a tree is to us.
enum TreeEntry {
    case file(TreeFile)
    /// - Parameter path: ends with `/`.
    case folder(ObjectID, path: String)
    case skipped(SkippedEntry)

    /// - Parameters:
    ///   - prefix: the path of the folder, which ends with `/` unless it is empty.
    ///   - depth: of the folder; the configured one has 1.
    init(_ entry: OpaquePointer, prefix: String, depth: Int, limits: GitLimits) {
        let name = git_tree_entry_name(entry).flatMap { String(validatingCString: $0) }
        guard let name, EntryName.isSafe(name) else {
            let shown = git_tree_entry_name(entry).map { String(cString: $0) } ?? ""
            self = .skipped(prefix + shown, .unsafeName)
            return
        }
        let path = prefix + name
        let id = ObjectID(git_tree_entry_id(entry).pointee)
        let mode = git_tree_entry_filemode(entry)
        switch mode {
        case GIT_FILEMODE_TREE:
            self = depth < limits.depth ? .folder(id, path: path + "/") : .skipped(path, .tooDeep)
        case GIT_FILEMODE_LINK: self = .skipped(path, .symbolicLink)
        case GIT_FILEMODE_COMMIT: self = .skipped(path, .submodule)
        default:
            self = .file(TreeFile(path: path, blob: id, isExecutable: mode == GIT_FILEMODE_BLOB_EXECUTABLE))
        }
    }

    static func skipped(_ path: String, _ reason: SkippedEntry.Reason) -> TreeEntry {
        .skipped(SkippedEntry(path: path.printable, reason: reason))
    }
}

extension GitLimits {
    /// Beyond the limit of entries.
    var tooManyEntries: LibGit2Failure {
        LibGit2Failure(
            code: GIT_EBUFS, area: GIT_ERROR_TREE, message: "it holds more than \(entries) entries")
    }
}
