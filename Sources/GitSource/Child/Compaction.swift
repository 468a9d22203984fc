import CLibGit2

/// Merges the packs that fetches have added into one, in the child process.
///
/// Large packs stay as they are, so the work grows with what was fetched and not with the repository.
enum Compaction {
    /// Packs from this size on are not merged.
    private static let largePack = 32 << 20

    static func run(_ path: String) throws(GitError) {
        do {
            let repository = try Repository(opening: path)
            let old = try PackFolder(of: path).packs().filter { FileTree.size($0 + ".pack") < largePack }
            let new = try merge(old, of: repository)
            for pack in old where !pack.hasSuffix(new) { try remove(pack) }
        } catch let error as GitError {
            throw error
        } catch let failure as LibGit2Failure {
            throw GitError(.cacheDamaged, "cannot merge packs: \(failure.message)")
        } catch {
            throw GitError(.childFailed, "unexpected error \(error)")
        }
    }

    /// Writes one pack with everything that is in `packs`. Returns its name without extension.
    private static func merge(_ packs: [String], of repository: borrowing Repository) throws -> String {
        let pointer = repository.pointer
        let builder = try Owned(git_packbuilder_free) { git_packbuilder_new(&$0, pointer) }
        for pack in packs {
            let database = try Owned(git_odb_free) { git_odb_new(&$0) }
            var backend: UnsafeMutablePointer<git_odb_backend>?
            try check(git_odb_backend_one_pack(&backend, pack + ".idx"))
            try check(git_odb_add_backend(database.pointer, backend, 1))
            let insert: git_odb_foreach_cb = { id, builder in
                git_packbuilder_insert(OpaquePointer(builder), id, nil)
            }
            try check(git_odb_foreach(database.pointer, insert, UnsafeMutableRawPointer(builder.pointer)))
        }
        try check(git_packbuilder_write(builder.pointer, nil, 0o600, nil, nil))
        return "pack-\(git_packbuilder_name(builder.pointer).map { String(cString: $0) } ?? "")"
    }

    /// First the index: a pack without one is not seen, an index without its pack is an error.
    private static func remove(_ pack: String) throws(GitError) {
        try FileTree.remove(pack + ".idx")
        try FileTree.remove(pack + ".pack")
    }
}
