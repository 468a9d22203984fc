import CLibGit2

/// Reading the clone: failures of libgit2 become errors that say whether the clone is at fault.
enum CacheReading {
    /// Opens the clone for `body`; blocks, so it belongs on a thread of its own.
    ///
    /// A clone that turns out to be broken is marked, and the next fetch replaces it.
    static func run<Success>(
        _ path: String, _ body: (borrowing Repository) throws -> Success
    ) throws(GitError) -> Success {
        do {
            return try body(try Repository(opening: path))
        } catch let error as GitError {
            throw error
        } catch let failure as LibGit2Failure {
            let error = explain(failure, path)
            if error.category == .cacheDamaged { try CacheCondition(path).reportDamage() }
            throw error
        } catch {
            throw GitError(.cacheUnusable, "unexpected error \(error)")
        }
    }

    private static func explain(_ failure: LibGit2Failure, _ path: String) -> GitError {
        switch git_error_code(failure.code) {
        case GIT_EBUFS: GitError(.tooLarge, failure.message)
        case _ where !FileTree.exists(path): GitError(.commitNotFound, "nothing has been fetched yet")
        case _ where failure.area == GIT_ERROR_NOMEMORY: GitError(.tooLarge, "not enough memory")
        default:
            GitError(
                .cacheDamaged, "the cache is damaged: \(failure.message)", hint: "the next fetch clones anew")
        }
    }
}

extension Repository {
    /// The commit, if the clone holds it.
    ///
    /// - Throws: `commitNotFound`; anything else that is missing later on is damage.
    func known(_ id: ObjectID) throws -> Commit {
        guard try contains(id) else {
            throw GitError(.commitNotFound, "the cache does not hold commit \(id)", hint: "fetch first")
        }
        return try commit(id)
    }
}
