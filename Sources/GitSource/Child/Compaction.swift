import CLibGit2

/// Merges the packs of a cache into one, in the child process.
enum Compaction {
    static func run(_ path: String) throws(GitError) {
        throw GitError(.childFailed, "not yet")
    }
}
