import CLibGit2

extension Repository {
    /// The tree of a folder of a commit; links and submodules on the way are not followed.
    ///
    /// - Throws: `pathNotFound` when there is no such folder.
    func tree(at path: RepositoryPath, of commit: Commit) throws -> ObjectID {
        var tree = commit.tree
        for (position, component) in path.components.enumerated() {
            var raw = tree.raw
            let object = try Owned(git_tree_free) { git_tree_lookup(&$0, pointer, &raw) }
            let entry = git_tree_entry_byname(object.pointer, component)
            guard let entry, git_tree_entry_filemode(entry) == GIT_FILEMODE_TREE else {
                let part = path.components[...position].joined(separator: "/")
                throw GitError(
                    .pathNotFound, "`\(part)` \(Self.reason(entry))",
                    hint: "--path names a folder of the repository")
            }
            tree = ObjectID(git_tree_entry_id(entry).pointee)
        }
        return tree
    }

    private static func reason(_ entry: OpaquePointer?) -> String {
        guard let entry else { return "does not exist" }
        return switch git_tree_entry_filemode(entry) {
        case GIT_FILEMODE_LINK: SkippedEntry.Reason.symbolicLink.rawValue
        case GIT_FILEMODE_COMMIT: SkippedEntry.Reason.submodule.rawValue
        default: "is a file"
        }
    }

    /// Contents of blobs; each id once.
    func blobs(_ ids: some Sequence<ObjectID>, limits: GitLimits) throws(LibGit2Failure) -> [ObjectID:
        BlobContent]
    {
        let database = try Owned(git_odb_free) { git_repository_odb(&$0, pointer) }
        var contents: [ObjectID: BlobContent] = [:]
        var total = 0
        for id in ids where contents[id] == nil {
            let content = try blob(id, maximum: limits.blobBytes, in: database.pointer)
            if case .bytes(let bytes) = content { total += bytes.count }
            guard total <= limits.totalBlobBytes else {
                throw LibGit2Failure(
                    code: GIT_EBUFS, area: GIT_ERROR_ODB,
                    message: "the files hold more than \(limits.totalBlobBytes) bytes together")
            }
            contents[id] = content
        }
        return contents
    }

    private func blob(
        _ id: ObjectID, maximum: Int, in database: OpaquePointer
    ) throws(LibGit2Failure) -> BlobContent {
        var raw = id.raw
        var size = 0
        var type = GIT_OBJECT_INVALID
        try check(git_odb_read_header(&size, &type, database, &raw))
        guard size <= maximum else { return .tooLarge(bytes: size) }
        let object = try Owned(git_odb_object_free) { git_odb_read(&$0, database, &raw) }
        guard type == GIT_OBJECT_BLOB else {
            throw LibGit2Failure(code: GIT_ENOTFOUND, area: GIT_ERROR_ODB, message: "\(id) is not a file")
        }
        let bytes = UnsafeRawBufferPointer(
            start: git_odb_object_data(object.pointer), count: git_odb_object_size(object.pointer))
        return .bytes([UInt8](bytes))
    }
}
