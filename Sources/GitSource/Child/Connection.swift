import CLibGit2
import Glibc

/// The remote as libgit2 sees it, with the callbacks that answer its questions.
final class Connection {
    private let url: RemoteURL
    private let credentials: LoadedCredentials
    private let downloadLimit: Int
    private(set) var receivedBytes = 0
    private var timesAsked = 0
    /// What a callback found; it says more than libgit2's own words for the call that then fails.
    private var cause: GitError?

    /// Reads the credential files, so that a bad one is an error whether or not the remote asks for it.
    init(_ url: RemoteURL, _ request: FetchRequest) throws(GitError) {
        self.url = url
        downloadLimit = request.downloadBytes
        credentials = try LoadedCredentials(request.credentials, for: url)
        try credentials.install(for: url, home: request.home)
        if url.host == nil { try LocalRepository.check(url.path) }
    }

    /// Connects; the references are there afterwards.
    func open(in repository: borrowing Repository) throws(LibGit2Failure) -> Owned {
        let pointer = repository.pointer
        let remote = try Owned(git_remote_free) { git_remote_create_anonymous(&$0, pointer, url.address) }
        var options = git_remote_connect_options()
        try check(git_remote_connect_options_init(&options, UInt32(GIT_REMOTE_CONNECT_OPTIONS_VERSION)))
        options.callbacks = callbacks
        options.follow_redirects = GIT_REMOTE_REDIRECT_NONE
        try check(git_remote_connect_ext(remote.pointer, GIT_DIRECTION_FETCH, &options))
        return remote
    }

    /// Copies the few commits that are new in a repository on this machine. False when they are to be downloaded, and nothing
    /// was done.
    func copy(
        _ tip: ObjectID, after known: ObjectID?, into repository: borrowing Repository
    ) throws -> Bool {
        guard url.host == nil, let known, try repository.contains(known) else { return false }
        let source = try Repository(openingLocal: url.path)
        guard
            let bytes = try LocalCopy.run(
                from: known, to: tip, of: source, into: repository, limit: downloadLimit)
        else { return false }
        receivedBytes = bytes
        return true
    }

    /// Fetches exactly these references, whatever became of their history, and no tags.
    func download(_ heads: [Heads.Head], from remote: borrowing Owned) throws(LibGit2Failure) {
        var options = git_fetch_options()
        try check(git_fetch_options_init(&options, UInt32(GIT_FETCH_OPTIONS_VERSION)))
        options.callbacks = callbacks
        options.follow_redirects = GIT_REMOTE_REDIRECT_NONE
        options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE
        options.update_fetchhead = 0
        var specifications: [String] = []
        for head in heads { specifications.append("+\(head.name):\(try Fetch.localName(of: head.name))") }
        let code = withCStrings(specifications) { list in
            var list = list
            return git_remote_fetch(remote.pointer, &list, &options, "zentra-sync: fetch")
        }
        try check(code)
    }

    /// The error for people: what a callback said, or else libgit2's words in ours.
    func explain(_ failure: LibGit2Failure) -> GitError {
        cause ?? RemoteFailure(url: url, credentials: credentials).explain(failure)
    }

    private var callbacks: git_remote_callbacks {
        var callbacks = git_remote_callbacks()
        git_remote_init_callbacks(&callbacks, UInt32(GIT_REMOTE_CALLBACKS_VERSION))
        callbacks.payload = Unmanaged.passUnretained(self).toOpaque()
        callbacks.credentials = { output, _, _, allowed, payload in
            Connection.from(payload).credential(output, allowed: allowed)
        }
        callbacks.certificate_check = { certificate, isValid, _, payload in
            Connection.from(payload).verify(certificate, isValid: isValid == 1)
        }
        callbacks.transfer_progress = { progress, payload in
            Connection.from(payload).progress(progress?.pointee.received_bytes ?? 0)
        }
        return callbacks
    }

    private static func from(_ payload: UnsafeMutableRawPointer?) -> Connection {
        Unmanaged<Connection>.fromOpaque(payload!).takeUnretainedValue()
    }
}

extension Connection {
    /// libgit2 asks again for as long as the remote refuses, so the second question is the refusal.
    private func credential(
        _ output: UnsafeMutablePointer<UnsafeMutablePointer<git_credential>?>?, allowed: UInt32
    ) -> Int32 {
        timesAsked += 1
        do throws(GitError) {
            guard timesAsked == 1 else { throw credentials.refused(by: url) }
            return try credentials.answer(output, allowed: git_credential_t(allowed), for: url)
        } catch {
            cause = error
            return GIT_EAUTH.rawValue
        }
    }

    private func verify(_ certificate: UnsafeMutablePointer<git_cert>?, isValid: Bool) -> Int32 {
        guard !isValid else { return 0 }
        cause = certificate.map { RemoteFailure.untrusted($0, of: url) }
        return GIT_ECERTIFICATE.rawValue
    }

    private func progress(_ bytes: Int) -> Int32 {
        receivedBytes = bytes
        guard bytes > downloadLimit else { return 0 }
        cause = GitError(.tooLarge, "the remote sends more than \(downloadLimit) bytes")
        return GIT_EUSER.rawValue
    }
}

/// Calls `body` with the strings as libgit2 takes them.
private func withCStrings(_ strings: [String], _ body: (git_strarray) -> Int32) -> Int32 {
    var pointers = strings.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer {
        body(git_strarray(strings: $0.baseAddress, count: $0.count))
    }
}
