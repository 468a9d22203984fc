import CLibGit2

extension LibGit2Failure {
    /// What a failure means that came up while the cache was read.
    var whileReading: GitError {
        switch git_error_code(code) {
        case GIT_EBUFS: GitError(.tooLarge, message)
        case GIT_ENOTFOUND where area == GIT_ERROR_ODB:
            GitError(.commitNotFound, "the cache does not hold it (\(message))")
        default: GitError(.cacheDamaged, message, hint: "the next fetch clones anew")
        }
    }
}
