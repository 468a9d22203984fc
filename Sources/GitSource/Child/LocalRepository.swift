import Glibc

/// A repository on this machine, before libgit2 looks at it.
enum LocalRepository {
    /// Refuses what is no folder, and what belongs to somebody else, as git does: whoever owns a repository
    /// can make those who open it do things. libgit2 refuses it too, with words about its configuration.
    static func check(_ path: String) throws(GitError) {
        let information = try status(path)
        guard information.st_mode & S_IFMT == S_IFDIR else {
            throw GitError(.repositoryNotFound, "it is not a folder")
        }
        let inner = path + "/.git"
        let owners = [
            information.st_uid, FileTree.exists(inner) ? try status(inner).st_uid : information.st_uid,
        ]
        guard owners.allSatisfy({ $0 == geteuid() }) else {
            throw GitError(
                .repositoryNotFound, "it belongs to another user",
                hint: "run zentra-sync as its owner, or serve it over https:// or ssh://")
        }
        // Pipelines check out like this. A history that is cut off answers neither what descends from what nor who
        // signed, and libgit2 takes it for a damaged one.
        guard !FileTree.exists(inner + "/shallow"), !FileTree.exists(path + "/shallow") else {
            throw GitError(
                .repositoryNotFound, "it is a shallow clone, whose history is cut off",
                hint: "plan its working tree with --dir, or complete it with `git fetch --unshallow`")
        }
    }

    private static func status(_ path: String) throws(GitError) -> stat {
        var information = stat()
        guard stat(path, &information) == 0 else { throw GitError(.repositoryNotFound, SystemError.last) }
        return information
    }
}
