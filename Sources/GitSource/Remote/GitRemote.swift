/// What to fetch from where: one reference of one repository, and the folder in it that counts.
package struct GitRemote: Sendable, Equatable {
    package let url: RemoteURL
    package let reference: GitReference
    package let path: RepositoryPath
    package let credentials: GitCredentials
    /// For one fetch, after which it is killed.
    package let timeout: Duration

    private static let longestTimeout = Duration.seconds(86_400)

    /// - Parameters:
    ///   - url: `https://`, `ssh://`, `git@host:path`, `file://`, a path, or `http://` without credentials.
    ///   - ref: branch, tag, full reference name or commit id; nil or `HEAD` for the remote's default branch.
    ///   - path: folder inside the repository, `.` for its root.
    package init(
        url: String, ref: String? = nil, path: String = ".", credentials: GitCredentials = GitCredentials(),
        timeout: Duration = .seconds(60)
    ) throws(GitError) {
        self.url = try RemoteURL(url)
        self.reference = try GitReference(ref)
        self.path = try RepositoryPath(path)
        var credentials = credentials
        if self.url.transport == .https, credentials.tokenFile != nil, credentials.username == nil {
            credentials.username = self.url.user?.percentDecoded
        }
        self.credentials = credentials
        self.timeout = timeout
        guard timeout > .zero, timeout <= Self.longestTimeout else {
            throw GitError(.invalidOption, "the git timeout must be longer than zero and at most a day")
        }
        try credentials.check(for: self.url)
    }
}
