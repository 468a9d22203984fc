/// Why something with git did not work: a category to decide by, and a text for people.
///
/// The message names verb, object and cause, and never a credential or the userinfo of a URL.
package struct GitError: Error, Sendable, Equatable, CustomStringConvertible {
    package let category: Category
    /// For example `cannot fetch main from git@git.example.com:ops/integrations.git: host key is not in known_hosts`.
    package let message: String
    /// What to do about it, when there is something to do.
    package let hint: String?

    package init(_ category: Category, _ message: String, hint: String? = nil) {
        self.category = category
        self.message = message
        self.hint = hint
    }

    package var description: String { message }

    /// True when the same request may work later without anybody changing anything.
    package var isTransient: Bool { category.isTransient }

    /// The same error with what was being done in front.
    func whileDoing(_ action: String) -> GitError { GitError(category, "\(action): \(message)", hint: hint) }
}

extension GitError {
    package enum Category: String, Sendable, CaseIterable {
        /// An option makes no sense: URL, ref, path, or a credential that does not fit the URL.
        case invalidOption
        /// A credential file cannot be read or is not what it should be.
        case invalidCredential
        /// The remote refused the credentials, or asks for some and none are configured.
        case authentication
        /// The server's SSH host key is unknown, changed or revoked.
        case hostKey
        /// The server's certificate is not valid.
        case tls
        /// No repository at the URL, as far as these credentials can see.
        case repositoryNotFound
        /// The remote has no such branch, tag or commit.
        case refNotFound
        /// The repository has no commit yet.
        case emptyRepository
        /// The commit has no folder at the configured path.
        case pathNotFound
        /// The cache does not hold that commit.
        case commitNotFound
        /// The server redirected to another host.
        case redirectRefused
        /// The server answered in a way that is not git's protocol, or with an HTTP status that says no.
        case protocolViolation
        /// Name resolution, connection or transmission failed.
        case network
        /// The deadline passed; the fetch was killed.
        case timeout
        /// The task was cancelled; the fetch was killed.
        case cancelled
        /// A bound was reached: bytes received, entries, depth, memory.
        case tooLarge
        /// Another process uses the cache.
        case cacheBusy
        /// The cache folder cannot be used: permissions, owner, no space.
        case cacheUnusable
        /// Objects of the cache are missing or broken; the next fetch clones anew.
        case cacheDamaged
        /// The child process, or a thread, could not be started, or the child died.
        case childFailed
        /// A signature is missing, wrong, not trusted, or of a kind that cannot be checked here.
        case signature

        var isTransient: Bool {
            switch self {
            case .network, .timeout, .protocolViolation, .cacheBusy, .cacheDamaged, .childFailed, .cancelled,
                .commitNotFound:
                true
            case .invalidOption, .invalidCredential, .authentication, .hostKey, .tls, .repositoryNotFound,
                .refNotFound, .emptyRepository, .pathNotFound, .redirectRefused, .tooLarge, .cacheUnusable,
                .signature:
                false
            }
        }
    }
}
