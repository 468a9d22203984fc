import ArgumentParser
import GitSource
import Reconciler
import Store

/// Where the desired state comes from.
struct SourceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The repository: https://, ssh://, git@host:path, file://, or a path.", valueName: "url"),
        completion: .directory)
    var repo: String?

    @Option(help: "Branch, tag, or a commit that a branch reaches; default: the remote's default branch.")
    var ref: String?

    @Option(help: ArgumentHelp("Folder inside the repository.", valueName: "dir"))
    var path = "."

    @Option(
        help: ArgumentHelp("A plain folder instead of git: the working tree as it is.", valueName: "dir"),
        completion: .directory)
    var dir: String?

    @Option(
        help: ArgumentHelp(
            "Token or password for https://; read again before every fetch.", valueName: "file"),
        completion: .file())
    var gitTokenFile: String?

    @Option(help: ArgumentHelp("The user that goes with the token.", valueName: "name"))
    var gitUsername: String?

    @Option(help: ArgumentHelp("Private key for ssh://.", valueName: "file"), completion: .file())
    var sshKeyFile: String?

    @Option(
        help: ArgumentHelp(
            "The hosts' keys, as OpenSSH's known_hosts; by default the user's file and the system's.",
            valueName: "file"), completion: .file())
    var knownHostsFile: String?

    @Option(
        help: ArgumentHelp("PEM certificates that are trusted instead of the system's.", valueName: "file"),
        completion: .file())
    var caFile: String?

    @OptionGroup var environment: EnvironmentChoice

    @Option(help: ArgumentHelp("For one fetch, after which it is killed.", valueName: "duration"))
    var gitTimeout = DurationArgument(.seconds(60))

    @Option(
        help: ArgumentHelp(
            "Who may sign commits (OpenSSH's allowed_signers); every commit since the applied one is checked.",
            valueName: "file"), completion: .file())
    var verifySignatures: String?

    @Option(
        help: ArgumentHelp("The bare clone; default: beside the state.", valueName: "dir"),
        completion: .directory)
    var cacheDir: String?

    func validate() throws {
        if repo != nil && dir != nil { throw ValidationError("--repo and --dir exclude each other") }
        guard dir != nil else { return }
        let gitOnly: [(String, Bool)] = [
            ("--ref", ref != nil), ("--git-token-file", gitTokenFile != nil),
            ("--git-username", gitUsername != nil),
            ("--ssh-key-file", sshKeyFile != nil), ("--known-hosts-file", knownHostsFile != nil),
            ("--ca-file", caFile != nil), ("--cache-dir", cacheDir != nil), ("--path", path != "."),
            ("--verify-signatures", verifySignatures != nil),
        ]
        if let (name, _) = gitOnly.first(where: \.1) {
            throw ValidationError("\(name) has no use with --dir")
        }
    }

    /// Asks for a source before anything else is looked at.
    func requireSource() throws {
        if repo == nil && dir == nil { throw Self.noSource }
    }

    private static let noSource = Failure(
        "there is nothing to read from", hint: "name a repository with --repo, or a folder with --dir",
        status: .usage)

    /// The source that the options name.
    ///
    /// - Parameter state: the git cache stands beside it unless --cache-dir says otherwise.
    func source(beside state: StatePath) throws -> DesiredSource {
        try source(cache: cacheDir ?? state.gitCache)
    }

    /// The source that the options name, with another git cache than they do.
    func source(cache: String) throws -> DesiredSource {
        if let dir { return .folder(dir) }
        guard let repo else { throw Self.noSource }
        let credentials = GitCredentials(
            tokenFile: gitTokenFile, username: gitUsername, sshKeyFile: sshKeyFile,
            knownHostsFile: knownHostsFile,
            caFile: caFile)
        let remote = try GitRemote(
            url: repo, ref: ref, path: path, credentials: credentials, timeout: gitTimeout.duration)
        return .git(
            try GitCache(directory: cache, remote: remote),
            allowedSigners: verifySignatures)
    }
}

/// What safety rules are told.
struct SafetyFlags: ParsableArguments {
    @Flag(help: "Allow deleting more than 30 % of the live resources, or all of them.")
    var allowMassDelete = false

    /// An explicit plan or apply says what is wanted, also after a force-push.
    var options: SafetyOptions {
        SafetyOptions(allowsMassDelete: allowMassDelete, acceptsRewrittenHistory: true)
    }
}
