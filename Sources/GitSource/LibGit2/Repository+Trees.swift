import CLibGit2

extension Repository {
    /// What a path of a commit's tree leads to.
    enum Folder {
        case tree(ObjectID)
        /// The part of the path that ends the search, and what it is.
        case absent(String, String)
    }

    /// Follows `path` through the trees of a commit; links and submodules are not followed.
    func folder(_ path: RepositoryPath, of commit: Commit) throws(LibGit2Failure) -> Folder {
        var tree = commit.tree
        for (position, component) in path.components.enumerated() {
            var raw = tree.raw
            let object = try Owned(git_tree_free) { git_tree_lookup(&$0, pointer, &raw) }
            let shown = path.components[...position].joined(separator: "/")
            guard let entry = git_tree_entry_byname(object.pointer, component) else {
                return .absent(shown, "does not exist")
            }
            switch git_tree_entry_filemode(entry) {
            case GIT_FILEMODE_TREE: tree = ObjectID(git_tree_entry_id(entry).pointee)
            case GIT_FILEMODE_LINK: return .absent(shown, "is a symbolic link")
            case GIT_FILEMODE_COMMIT: return .absent(shown, "is a submodule")
            default: return .absent(shown, "is a file")
            }
        }
        return .tree(tree)
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
