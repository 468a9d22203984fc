import Glibc

/// A repository on this machine, before libgit2 looks at it.
enum LocalRepository {
    /// Refuses what is no folder with a clearer message than libgit2's.
    static func check(_ path: String) throws(GitError) {
        var information = stat()
        guard stat(path, &information) == 0 else {
            throw GitError(.repositoryNotFound, SystemError.last)
        }
        guard information.st_mode & S_IFMT == S_IFDIR else {
            throw GitError(.repositoryNotFound, "it is not a folder")
        }
    }
}
