import CLibGit2

/// Turns what libgit2 says about a remote into what a person can act on.
struct RemoteFailure {
    let url: RemoteURL
    let credentials: LoadedCredentials

    func explain(_ failure: LibGit2Failure) -> GitError {
        let text = Self.tidy(failure.message)
        switch git_error_code(failure.code) {
        case GIT_EAUTH: return GitError(.authentication, "the remote refuses access", hint: accessHint)
        case GIT_ECERTIFICATE:
            return url.transport == .ssh ? GitError(.hostKey, text) : GitError(.tls, text)
        default: break
        }
        if let status = Self.httpStatus(text) { return explain(status: status) }
        return explain(area: failure.area, text)
    }

    private func explain(area: git_error_t, _ text: String) -> GitError {
        if text.contains("redirect") {
            return GitError(
                .redirectRefused, "the remote redirects to another host",
                hint: "credentials are not sent there; if it moved, change --repo")
        }
        if Self.saysNotFound(text) { return GitError(.repositoryNotFound, text, hint: accessHint) }
        if text.contains("extensions.objectformat") {
            return GitError(
                .protocolViolation,
                "its object ids are SHA-256, which libgit2 \(GitLibrary.version) does not read",
                hint: "use a repository with SHA-1 ids, which is git's default, or a working tree with --dir")
        }
        if text.contains("No space left") { return GitError(.cacheUnusable, "no space left for the cache") }
        switch area {
        case GIT_ERROR_NOMEMORY: return GitError(.tooLarge, "the repository needs more memory than allowed")
        case GIT_ERROR_SSL: return GitError(.tls, text)
        case GIT_ERROR_SSH where text.contains("Unable to exchange encryption keys"):
            return GitError(
                .hostKey, "no kind of host key suits both sides",
                hint: "known_hosts should hold the server's Ed25519 or ECDSA key")
        case GIT_ERROR_HTTP where text.contains("stream ended"):
            return GitError(.network, "the connection ended too early")
        case GIT_ERROR_HTTP: return GitError(.protocolViolation, text)
        case GIT_ERROR_NET, GIT_ERROR_OS, GIT_ERROR_SSH: return GitError(.network, text)
        case GIT_ERROR_INDEXER, GIT_ERROR_ZLIB: return GitError(.network, "the pack broke off: \(text)")
        case GIT_ERROR_ODB, GIT_ERROR_OBJECT, GIT_ERROR_REFERENCE, GIT_ERROR_REPOSITORY, GIT_ERROR_CONFIG,
            GIT_ERROR_TREE, GIT_ERROR_TAG:
            return GitError(.cacheDamaged, text)
        default: return GitError(.protocolViolation, text)
        }
    }

    private func explain(status: Int) -> GitError {
        switch status {
        case 404, 410:
            GitError(.repositoryNotFound, "there is no repository (HTTP status \(status))", hint: accessHint)
        case 401, 403:
            GitError(.authentication, "the remote refuses access (HTTP status \(status))", hint: accessHint)
        case 429, 500...: GitError(.network, "the remote is not available (HTTP status \(status))")
        default: GitError(.protocolViolation, "the remote answered with HTTP status \(status)")
        }
    }

    private var accessHint: String? {
        switch url.transport {
        case .https, .ssh: "is the URL right, and may these credentials read it?"
        default: nil
        }
    }

    /// What is wrong with a server's certificate or host key.
    static func untrusted(_ certificate: UnsafeMutablePointer<git_cert>, of url: RemoteURL) -> GitError {
        guard certificate.pointee.cert_type == GIT_CERT_HOSTKEY_LIBSSH2 else {
            let host = url.host ?? "it"
            if host.allSatisfy({ $0.isNumber || $0 == "." }) || host.contains(":") {
                return GitError(
                    .tls, "the server's certificate is not valid for \(host)",
                    hint: "certificates for addresses are not supported: use a host name")
            }
            return GitError(
                .tls, "the server's certificate is not valid for \(host)",
                hint:
                    "is it signed by an authority that this machine knows? If not, give its certificate with --ca-file"
            )
        }
        let fingerprint = certificate.withMemoryRebound(to: git_cert_hostkey.self, capacity: 1) { key in
            withUnsafeBytes(of: key.pointee.hash_sha256) { Base64.encode($0).filter { $0 != "=" } }
        }
        return GitError(
            .hostKey, "host key does not match known_hosts (the server showed SHA256:\(fingerprint))",
            hint: "somebody may listen in; if the server's key was changed on purpose, correct known_hosts")
    }

    private static func httpStatus(_ text: String) -> Int? {
        let prefix = "unexpected http status code: "
        return text.hasPrefix(prefix) ? Int(text.dropFirst(prefix.count)) : nil
    }

    private static func saysNotFound(_ text: String) -> Bool {
        [
            "repository not found", "not appear to be a git repository", "could not find repository",
            "no such project",
        ]
        .contains { text.lowercased().contains($0) }
    }

    /// One line without control characters; servers have a say in it.
    private static func tidy(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        return String(line.printable.prefix(300))
    }
}
