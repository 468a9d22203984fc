import CLibGit2

/// Brings a few new commits of a repository on this machine into the cache.
///
/// libgit2's own transport reads each tree three times and compresses it, which for one changed file among 10,000 is most of
/// the fetch. Much that is new is left to it, because then compression pays.
enum LocalCopy {
    private static let commits = 100
    static let objects = 1000
    private static let bytes = 32 << 20

    /// Copies what `tip` reaches and `known` does not. Returns how many bytes that was; nil when it was left to libgit2, and
    /// nothing was done.
    ///
    /// - Parameter known: a commit that the cache holds, with everything that it reaches.
    static func run(
        from known: ObjectID, to tip: ObjectID, of source: borrowing Repository,
        into cache: borrowing Repository, limit: Int
    ) throws -> Int? {
        guard try source.contains(known), try source.commit(peeling: tip) == tip else { return nil }
        let new = try source.commits(after: known, upTo: tip, limit: commits + 1)
        guard new.count <= commits else { return nil }
        let (from, into) = (source.pointer, cache.pointer)
        let database = try Owned(git_odb_free) { git_repository_odb(&$0, into) }
        let origin = try Owned(git_odb_free) { git_repository_odb(&$0, from) }
        var missing = MissingObjects(from: database.pointer)
        do {
            for commit in new { try missing.add(try source.commit(commit), of: source) }
        } catch is MissingObjects.TooMany {
            return nil
        } catch is TreeComparison.Irregular {
            return nil
        }
        guard try size(missing.ids, in: origin.pointer) <= min(bytes, limit) else { return nil }
        return try copy(missing.ids, from: origin.pointer, into: database.pointer)
    }

    private static func size(_ ids: [ObjectID], in origin: OpaquePointer) throws(LibGit2Failure) -> Int {
        var total = 0
        for id in ids {
            var (raw, size, type) = (id.raw, 0, GIT_OBJECT_INVALID)
            try check(git_odb_read_header(&size, &type, origin, &raw))
            total += size
        }
        return total
    }

    private static func copy(
        _ ids: [ObjectID], from origin: OpaquePointer, into database: OpaquePointer
    ) throws(LibGit2Failure) -> Int {
        let pack = try PlainPack(count: ids.count, into: database)
        for id in ids {
            var raw = id.raw
            // libgit2 compares what it reads with the name.
            let object = try Owned(git_odb_object_free) { git_odb_read(&$0, origin, &raw) }
            try pack.add(
                git_odb_object_type(object.pointer),
                UnsafeRawBufferPointer(
                    start: git_odb_object_data(object.pointer), count: git_odb_object_size(object.pointer)))
        }
        try pack.finish()
        return pack.bytes
    }
}

/// What commits consist of and the cache does not hold.
private struct MissingObjects {
    struct TooMany: Error {}

    private(set) var ids: [ObjectID] = []
    private var known: Set<ObjectID> = []
    private let database: OpaquePointer

    init(from database: OpaquePointer) { self.database = database }

    /// - Precondition: what its parents reach is in the cache, or is added too.
    mutating func add(_ commit: Commit, of source: borrowing Repository) throws {
        guard try note(commit.id) else { return }
        var parent: Commit?
        if let first = commit.parents.first { parent = try source.commit(first) }
        try visit(parent?.tree, commit.tree, of: source)
    }

    /// False when the object need not be copied.
    private mutating func note(_ id: ObjectID) throws -> Bool {
        guard known.insert(id).inserted else { return false }
        var raw = id.raw
        let isThere = git_odb_exists_ext(database, &raw, GIT_ODB_LOOKUP_NO_REFRESH.rawValue) == 1
        guard !isThere else { return false }
        guard ids.count < LocalCopy.objects else { throw TooMany() }
        ids.append(id)
        return true
    }

    /// Looks only into folders that differ from those of the parent.
    private mutating func visit(
        _ old: ObjectID?, _ new: ObjectID, of source: borrowing Repository
    ) throws {
        guard try old != new && note(new) else { return }
        var after = try TreeEntries(of: new, in: source)
        guard let old else {
            while let entry = after.first {
                try add(entry, insteadOf: nil, of: source)
                try after.advance()
            }
            return
        }
        var before = try TreeEntries(of: old, in: source)
        while let entry = after.first {
            let order = TreeEntries.order(before.first, entry)
            if order >= 0 {
                try add(entry, insteadOf: order == 0 ? before.first : nil, of: source)
                try after.advance()
            }
            if order <= 0 { try before.advance() }
        }
    }

    private mutating func add(
        _ entry: OpaquePointer, insteadOf old: OpaquePointer?, of source: borrowing Repository
    ) throws {
        if let old, git_oid_equal(git_tree_entry_id(old), git_tree_entry_id(entry)) == 1 { return }
        let id = ObjectID(git_tree_entry_id(entry).pointee)
        switch git_tree_entry_filemode(entry) {
        case GIT_FILEMODE_TREE:
            let folder = old.flatMap { old in
                git_tree_entry_filemode(old) == GIT_FILEMODE_TREE
                    ? ObjectID(git_tree_entry_id(old).pointee) : nil
            }
            try visit(folder, id, of: source)
        // Of a submodule, the commit is in another repository.
        case GIT_FILEMODE_COMMIT: break
        default: _ = try note(id)
        }
    }
}
