import CLibGit2

/// An open repository; it belongs to the thread that opened it.
///
/// Opened for one piece of work and closed after it: no state outlives a replaced cache, and the memory of
/// mapped packs is given back.
struct Repository: ~Copyable {
    private let owned: Owned
    var pointer: OpaquePointer { owned.pointer }

    init(opening path: String) throws(LibGit2Failure) {
        LibGit2.initialize()
        owned = try Owned(git_repository_free) { git_repository_open_bare(&$0, path) }
    }

    /// Opens a repository that is not the cache: bare, or a working tree.
    init(openingLocal path: String) throws(LibGit2Failure) {
        LibGit2.initialize()
        owned = try Owned(git_repository_free) { git_repository_open(&$0, path) }
    }

    init(creating path: String) throws(LibGit2Failure) {
        LibGit2.initialize()
        owned = try Owned(git_repository_free) { git_repository_init(&$0, path, 1) }
    }

    /// The target of a reference; nil when there is no such reference.
    func target(of reference: String) throws(LibGit2Failure) -> ObjectID? {
        var id = git_oid()
        let code = git_reference_name_to_id(&id, pointer, reference)
        if code == GIT_ENOTFOUND.rawValue { return nil }
        try check(code)
        return ObjectID(id)
    }

    /// The commit that an object is or that a tag leads to.
    func commit(peeling id: ObjectID) throws(LibGit2Failure) -> ObjectID {
        var raw = id.raw
        let object = try Owned(git_object_free) { git_object_lookup(&$0, pointer, &raw, GIT_OBJECT_ANY) }
        let commit = try Owned(git_object_free) { git_object_peel(&$0, object.pointer, GIT_OBJECT_COMMIT) }
        return ObjectID(git_object_id(commit.pointer).pointee)
    }

    func contains(_ id: ObjectID) throws(LibGit2Failure) -> Bool {
        var raw = id.raw
        let database = try Owned(git_odb_free) { git_repository_odb(&$0, pointer) }
        return git_odb_exists(database.pointer, &raw) == 1
    }
}
