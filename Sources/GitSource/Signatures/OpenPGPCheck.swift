import Glibc

/// Checks OpenPGP signatures with `gpgv`, when it is installed.
struct OpenPGPCheck {
    private static let programs = ["/usr/bin/gpgv", "/usr/local/bin/gpgv", "/bin/gpgv"]
    private static let timeout = Duration.seconds(10)

    private let program: String?
    /// Private, and empty between checks.
    private let folder: String
    private let lock: Int32

    /// - Parameters:
    ///   - folder: made and removed by each check.
    ///   - lock: stays locked while a check runs.
    init(folder: String, lock: Int32, program: String? = programs.first { access($0, X_OK) == 0 }) {
        self.folder = folder
        self.lock = lock
        self.program = program
    }

    func verdict(on signed: SignedText, keyring: [UInt8]) throws(GitError) -> SignatureVerdict {
        guard !keyring.isEmpty else {
            return .refused(
                reason: "it has an OpenPGP signature, and the allowed signers hold no OpenPGP key")
        }
        guard let program else {
            return .refused(
                reason: "it has an OpenPGP signature, which needs the program gpgv (package gpgv)")
        }
        try FileTree.remove(folder)
        guard mkdir(folder, 0o700) == 0 else {
            throw GitError(.cacheUnusable, "cannot make `\(folder)`: \(SystemError.last)")
        }
        let files = ["\(folder)/keys.gpg", "\(folder)/signature", "\(folder)/text"]
        try WholeFile.write(keyring, to: files[0])
        try WholeFile.write(Array(signed.signature.utf8), to: files[1])
        try WholeFile.write(signed.text, to: files[2])
        let command = GitChildCommand(
            executable: program,
            arguments: ["--homedir", folder, "--status-fd", "1", "--keyring", files[0], files[1], files[2]])
        let outcome = try run(command)
        try FileTree.remove(folder)
        return Self.verdict(outcome)
    }

    private func run(_ command: GitChildCommand) throws(GitError) -> ChildProcess.Outcome {
        let cancellation = try CancellationPipe()
        var process = try ChildProcess(command, environment: ["HOME=\(folder)", "LC_ALL=C"])
        // It reads nothing; the lock needs something to come with.
        return process.run(
            [UInt8(ascii: "\n")], lock: lock, timeout: Self.timeout, cancellation: cancellation.readEnd)
    }

    /// GnuPG's DETAILS: `GOODSIG` only when neither key nor signature has expired or was revoked.
    private static func verdict(_ outcome: ChildProcess.Outcome) -> SignatureVerdict {
        let lines = String(decoding: outcome.output, as: UTF8.self).split(separator: "\n")
            .map { $0.split(separator: " ") }.filter { $0.first == "[GNUPG:]" && $0.count > 1 }
        let words = Set(lines.map { $0[1] })
        if outcome.end == .exited(0), words.contains("GOODSIG"),
            let valid = lines.first(where: { $0[1] == "VALIDSIG" && $0.count > 2 })
        {
            return .good(signer: String(valid[2]))
        }
        if words.contains("NO_PUBKEY") {
            return .refused(reason: "its OpenPGP key is not an allowed signer's")
        }
        if words.contains("EXPKEYSIG") { return .refused(reason: "its OpenPGP key has expired") }
        if words.contains("EXPSIG") { return .refused(reason: "its OpenPGP signature has expired") }
        if words.contains("REVKEYSIG") { return .refused(reason: "its OpenPGP key was revoked") }
        if words.contains("BADSIG") { return .refused(reason: "its OpenPGP signature is wrong") }
        return .refused(reason: "gpgv cannot check its OpenPGP signature")
    }
}
