/// Where the credentials are. Only names of files are held here; the child process reads the files at every
/// fetch, so a rotated token counts at the next one.
package struct GitCredentials: Sendable, Equatable {
    /// Token or password for `https://`.
    package var tokenFile: String?
    /// Goes with the token; hosts that look at the token only accept any.
    package var username: String?
    /// Private key for `ssh://`, without a passphrase. Without one, the SSH agent is asked if there is one.
    package var sshKeyFile: String?
    /// OpenSSH known_hosts; the user's and the system's file when nil.
    package var knownHostsFile: String?
    /// PEM certificates that are trusted instead of the system's.
    package var caFile: String?

    /// The name that GitHub wants beside an installation token; others accept any beside a token.
    static let defaultUsername = "x-access-token"

    package init(
        tokenFile: String? = nil, username: String? = nil, sshKeyFile: String? = nil,
        knownHostsFile: String? = nil, caFile: String? = nil
    ) {
        self.tokenFile = tokenFile
        self.username = username
        self.sshKeyFile = sshKeyFile
        self.knownHostsFile = knownHostsFile
        self.caFile = caFile
    }

    /// Refuses what the URL's transport would ignore or must not carry.
    func check(for url: RemoteURL) throws(GitError) {
        if url.transport == .http, tokenFile != nil || username != nil {
            throw GitError(
                .invalidOption, "credentials for \(url) would be sent in clear text",
                hint: "use https:// or ssh://")
        }
        try check(tokenFile, "a token file", for: url, needs: .https)
        try check(username, "a user name", for: url, needs: .https)
        try check(caFile, "a CA file", for: url, needs: .https)
        try check(sshKeyFile, "an SSH key file", for: url, needs: .ssh)
        try check(knownHostsFile, "a known_hosts file", for: url, needs: .ssh)
        if username != nil, tokenFile == nil {
            throw GitError(.invalidOption, "a user name without a token file", hint: "give both or neither")
        }
    }

    private func check(
        _ value: String?, _ what: String, for url: RemoteURL, needs transport: RemoteURL.Transport
    ) throws(GitError) {
        guard let value else { return }
        guard !value.isEmpty, !value.utf8.contains(0) else {
            throw GitError(.invalidOption, "the option for \(what) is empty")
        }
        guard url.transport == transport else {
            throw GitError(
                .invalidOption, "\(what) has no use with \(url): it is for \(transport.rawValue) URLs")
        }
    }
}
