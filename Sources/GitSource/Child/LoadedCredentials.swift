import CLibGit2
import Glibc

/// The credentials of one fetch, read from their files; only the child process ever holds them.
struct LoadedCredentials {
    private let token: String?
    private let username: String?
    private let key: SSHPrivateKeyFile?
    private let knownHosts: KnownHosts?
    private let caFile: String?

    init(_ files: GitCredentials, for url: RemoteURL) throws(GitError) {
        token = try files.tokenFile.map { path throws(GitError) in try Self.token(path) }
        username = files.username
        key = try files.sshKeyFile.map { path throws(GitError) in try SSHPrivateKeyFile(path) }
        caFile = try files.caFile.map { path throws(GitError) in
            _ = try SmallFile.read(path, what: "CA file")
            return path
        }
        knownHosts = url.transport == .ssh ? try KnownHosts(file: files.knownHostsFile) : nil
    }

    /// The only line of a file; editors and `echo` leave line ends behind it.
    private static func token(_ path: String) throws(GitError) -> String {
        let text = String(decoding: try SmallFile.read(path, what: "token file"), as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline)
        guard lines.count <= 1 else {
            throw GitError(
                .invalidCredential, "the token file `\(path)` holds more than one line",
                hint: "it holds the token and nothing else; the user that goes with it is --git-username")
        }
        guard let token = lines.first, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw GitError(.invalidCredential, "the token file `\(path)` does not hold a token")
        }
        return String(token)
    }

    /// Gives libgit2 the certificates, and the host keys in the one place where it looks for them.
    func install(for url: RemoteURL, home: String) throws(GitError) {
        if let caFile {
            guard zs_git_set_certificate_file(caFile) >= 0 else {
                throw GitError(.invalidCredential, "the CA file `\(caFile)` holds no certificate")
            }
        } else if url.transport == .https {
            do { try LibGit2.refreshCertificates() } catch {
                throw GitError(.tls, "cannot read the certificates of the system: \(error.message)")
            }
        }
        try knownHosts?.install(for: url, home: home)
    }

    func answer(
        _ output: UnsafeMutablePointer<UnsafeMutablePointer<git_credential>?>?, allowed: git_credential_t,
        for url: RemoteURL
    ) throws(GitError) -> Int32 {
        if let token, allowed.contains(GIT_CREDENTIAL_USERPASS_PLAINTEXT), url.transport == .https {
            return git_credential_userpass_plaintext_new(
                output, username ?? GitCredentials.defaultUsername, token)
        }
        if allowed.contains(GIT_CREDENTIAL_SSH_KEY), let user = url.user {
            if let key { return git_credential_ssh_key_new(output, user, nil, key.path, nil) }
            if getenv("SSH_AUTH_SOCK") != nil { return git_credential_ssh_key_from_agent(output, user) }
        }
        throw missing(for: url)
    }

    private func missing(for url: RemoteURL) -> GitError {
        let hint =
            switch url.transport {
            case .ssh: "give a private key with --ssh-key-file"
            case .https: "give a token with --git-token-file"
            default: "only https:// and ssh:// carry credentials"
            }
        return GitError(.authentication, "the remote asks for credentials", hint: hint)
    }

    /// The remote asked again after it had got the credentials.
    func refused(by url: RemoteURL) -> GitError {
        if let key, key.isRSA {
            return GitError(
                .authentication, "the remote refused the RSA key",
                hint:
                    "libssh2 before 1.11 signs for RSA keys with SHA-1 only, which GitHub and OpenSSH 8.8 and later "
                    + "refuse; use an Ed25519 key (`ssh-keygen -t ed25519`)")
        }
        let what = url.transport == .ssh ? "key" : "credentials"
        return GitError(
            .authentication, "the remote refused the \(what)", hint: "is it still valid, and may it read?")
    }
}

extension git_credential_t {
    fileprivate func contains(_ other: git_credential_t) -> Bool { rawValue & other.rawValue != 0 }
}
