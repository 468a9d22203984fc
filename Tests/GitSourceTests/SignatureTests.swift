import Foundation
import TestSupport
import Testing

@testable import GitSource

@Suite(.enabled(if: TestCommand.path(of: "ssh-keygen") != nil, "needs ssh-keygen"))
struct SignatureTests {
    /// A repository whose commits are signed, and the keys for it.
    struct Signed {
        let repository: TestRepository
        let files: TestFolder

        init() async throws {
            repository = try await TestRepository()
            files = try TestFolder()
        }

        /// Makes a key. Returns what stands in its `.pub` file.
        func key(_ name: String, _ kind: [String] = ["ed25519"]) async throws -> String {
            let file = files.appending(name)
            try await TestCommand.run(
                ["ssh-keygen", "-q", "-N", "", "-C", name, "-f", file, "-t"] + kind)
            return try String(contentsOfFile: file + ".pub", encoding: .utf8)
        }

        @discardableResult
        func commit(_ subject: String, key: String?) async throws -> ObjectID {
            let signing = key.map { "--gpg-sign=\(files.appending($0))" } ?? "--no-gpg-sign"
            try await repository.git(
                "-c", "gpg.format=ssh", "commit", "--quiet", "--allow-empty", signing,
                "--date=@1700000000 +0000", "--message=\(subject)")
            return try #require(ObjectID(hex: try await repository.head))
        }

        func check(after first: ObjectID? = nil, _ allowed: String) async throws -> [CheckedCommit] {
            let test = try TestCache(repository.path)
            let head = try await test.cache.fetch().commit.id
            let file = try files.write(allowed, to: "allowed_signers")
            return try await test.cache.checkSignatures(after: first, upTo: head, allowedSigners: file)
        }
    }

    @Test(arguments: [["ed25519"], ["ecdsa", "-b", "256"], ["ecdsa", "-b", "384"], ["ecdsa", "-b", "521"]])
    func `accepts what git has signed`(_ kind: [String]) async throws {
        let signed = try await Signed()
        let key = try await signed.key("key", kind)
        let first = try await signed.commit("base", key: nil)
        for number in 1...3 { try await signed.commit("\(number)", key: "key") }
        let checked = try await signed.check(after: first, "# who\n\nzoe@example.com,*@example.org \(key)")
        #expect(checked.map(\.commit.subject) == ["3", "2", "1"])
        #expect(checked.allSatisfy { $0.verdict == .good(signer: "zoe@example.com,*@example.org") })
    }

    @Test func `checks every commit since the last one, through merges`() async throws {
        let signed = try await Signed()
        let key = try await signed.key("key")
        let base = try await signed.commit("base", key: "key")
        try await signed.repository.git("switch", "--quiet", "--create", "side")
        try await signed.commit("side", key: nil)
        try await signed.repository.git("switch", "--quiet", "main")
        try await signed.commit("main", key: "key")
        try await signed.repository.git(
            "-c", "gpg.format=ssh", "-c", "user.signingkey=\(signed.files.appending("key"))", "merge",
            "--quiet",
            "--gpg-sign", "--message=merge", "side")
        let checked = try await signed.check(after: base, "zoe \(key)")
        let refused = checked.filter { !$0.verdict.isGood }
        #expect(checked.count == 3)
        #expect(refused.map(\.commit.subject) == ["side"])
        #expect(refused.first?.verdict == .refused(reason: "it is not signed"))
        #expect(try await signed.check("zoe \(key)").map(\.commit.subject) == ["merge"])
    }

    @Test func `refuses a stranger's key`() async throws {
        let signed = try await Signed()
        let (_, friend) = (try await signed.key("stranger"), try await signed.key("friend"))
        try await signed.commit("1", key: "stranger")
        let verdict = try await signed.check("zoe \(friend)").first?.verdict
        #expect(verdict == .refused(reason: "its ssh-ed25519 key is not an allowed signer's"))
    }

    @Test func `refuses a commit that was changed after it was signed`() async throws {
        let signed = try await Signed()
        let key = try await signed.key("key")
        try await signed.commit("honest", key: "key")
        let text = try await signed.repository.git("cat-file", "commit", "HEAD")
        let forged = text.replacing("honest", with: "forged")
        let id = try await signed.repository.git(
            "hash-object", "-t", "commit", "-w", "--stdin", input: forged + "\n")
        try await signed.repository.git("update-ref", "refs/heads/main", id)
        #expect(
            try await signed.check("zoe \(key)").first?.verdict == .refused(reason: "its signature is wrong"))
    }

    @Test func `refuses a signature that was made for another purpose`() async throws {
        let signed = try await Signed()
        let key = try await signed.key("key")
        try await signed.commit("1", key: nil)
        let text = try await signed.repository.git("cat-file", "commit", "HEAD") + "\n"
        let signature = try await TestCommand.run(
            ["ssh-keygen", "-q", "-Y", "sign", "-n", "file", "-f", signed.files.appending("key")], input: text
        )
        let header = "gpgsig " + signature.replacing("\n", with: "\n ")
        let forged = text.replacing("\n\n", with: "\n\(header)\n\n")
        let id = try await signed.repository.git(
            "hash-object", "-t", "commit", "-w", "--stdin", input: forged)
        try await signed.repository.git("update-ref", "refs/heads/main", id)
        let verdict = try await signed.check("zoe \(key)").first?.verdict
        #expect(verdict == .refused(reason: "its signature was made for another purpose than git"))
    }

    @Test func `honours options of the allowed signers`() async throws {
        let signed = try await Signed()
        let key = try await signed.key("key")
        let id = try await signed.commit("1", key: "key")
        let test = try TestCache(signed.repository.path)
        let time = try await test.cache.fetch().commit.committedAt / 1000
        #expect(time > 1_700_000_000)
        for (options, isGood) in [
            ("namespaces=\"git\"", true), ("namespaces=\"file,git\"", true), ("namespaces=\"g*\"", true),
            ("namespaces=\"file\"", false), ("valid-after=\"20200101\"", true),
            ("valid-after=\"20200101Z\",valid-before=\"20990101120000Z\"", true),
            ("valid-after=\"29990101Z\"", false), ("valid-before=\"202001011200Z\"", false),
            ("namespaces=\"git\",valid-before=\"20200101\"", false),
        ] {
            let file = try signed.files.write("zoe \(options) \(key)", to: "allowed")
            let checked = try await test.cache.checkSignatures(after: nil, upTo: id, allowedSigners: file)
            #expect(checked.map(\.verdict.isGood) == [isGood], "\(options)")
        }
        // Another line may allow what one refuses.
        let lines = "old valid-before=\"20200101\" \(key)new \(key)"
        let file = try signed.files.write(lines, to: "allowed")
        let checked = try await test.cache.checkSignatures(after: nil, upTo: id, allowedSigners: file)
        #expect(checked.first?.verdict == .good(signer: "new"))
    }

    @Test(arguments: [
        ("zoe cert-authority ssh-ed25519 %K", "line 1: `cert-authority` is not supported"),
        ("\n# x\nzoe\n", "line 3: it is not principals, options and a key"),
        ("zoe ssh-ed25519 AAAA", "line 1: its key is missing or damaged"),
        ("zoe ssh-rsa %K", "line 1: its key is missing or damaged"),
        ("zoe colour=\"red\" ssh-ed25519 %K", "line 1: the option `colour=\"red\"` is not known"),
        ("zoe valid-after=\"soon\" ssh-ed25519 %K", "line 1: `soon` is not a time"),
        (
            "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n!!!\n-----END PGP PUBLIC KEY BLOCK-----",
            "line 1: the OpenPGP"
        ),
    ])
    func `names the line of the allowed signers that it cannot honour`(_ text: String, _ message: String)
        async throws
    {
        let key = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
        let signed = try await Signed()
        try await signed.commit("1", key: nil)
        await expectGitError(.invalidCredential, message) {
            try await signed.check(text.replacing("%K", with: key))
        }
    }

    @Test func `refuses RSA keys clearly`() async throws {
        let signed = try await Signed()
        let key = try await signed.key("key", ["rsa"])
        try await signed.commit("1", key: "key")
        let verdict = try await signed.check("zoe \(key)").first?.verdict
        #expect(verdict == .refused(reason: "ssh-rsa keys are not supported: use Ed25519 or ECDSA"))
    }

    @Test func `lets no commit pass unchecked beyond the limit`() async throws {
        let signed = try await Signed()
        let key = try await signed.key("key")
        let first = try await signed.commit("0", key: nil)
        for number in 1...3 { try await signed.commit("\(number)", key: "key") }
        let test = try TestCache(signed.repository.path)
        let head = try await test.cache.fetch().commit.id
        let file = try signed.files.write("zoe \(key)", to: "allowed")
        await expectGitError(.tooLarge) {
            try await test.cache.checkSignatures(after: first, upTo: head, allowedSigners: file, limit: 2)
        }
    }
}

struct MissingGPGTests {
    @Test func `without gpgv an OpenPGP signature is refused, and says what is missing`() throws {
        let check = OpenPGPCheck(folder: "/nonexistent/zentra-sync", lock: -1, program: nil)
        let verdict = try check.verdict(on: SignedText(signature: "", text: []), keyring: [1])
        #expect(
            verdict
                == .refused(
                    reason: "it has an OpenPGP signature, which needs the program gpgv (package gpgv)"))
    }
}

@Suite(
    .enabled(
        if: TestCommand.path(of: "gpgv") != nil && TestCommand.path(of: "gpg") != nil, "needs gpg and gpgv"))
struct OpenPGPSignatureTests {
    @Test func `accepts an OpenPGP signature of an allowed key, and no other`() async throws {
        let home = try TestFolder()
        let environment = ["GNUPGHOME": home.path, "HOME": home.path]
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: home.path)
        var keys: [String] = []
        for name in ["zoe", "stranger"] {
            try await TestCommand.run(
                [
                    "gpg", "--batch", "--quiet", "--passphrase", "", "--quick-gen-key", name, "ed25519",
                    "sign", "0",
                ],
                environment: environment)
            keys.append(
                try await TestCommand.run(["gpg", "--armor", "--export", name], environment: environment))
        }
        let repository = try await TestRepository()
        try await repository.git(
            "commit", "--quiet", "--allow-empty", "--gpg-sign=zoe", "--message=1", environment: environment)
        try await TestCommand.run(["gpgconf", "--kill", "all"], environment: environment)

        let test = try TestCache(repository.path)
        let head = try await test.cache.fetch().commit.id
        for (text, isGood, reason) in [
            (keys[0], true, ""), ("# both kinds\n\n\(keys[1])\n\(keys[0])\n", true, ""),
            (keys[1], false, "its OpenPGP key is not an allowed signer's"),
            ("", false, "hold no OpenPGP key"),
        ] {
            let file = try home.write(text, to: "allowed")
            let checked = try await test.cache.checkSignatures(after: nil, upTo: head, allowedSigners: file)
            switch checked.first?.verdict {
            case .good: #expect(isGood)
            case .refused(let why): #expect(!isGood && why.contains(reason), "\(why)")
            case nil: Issue.record("nothing was checked")
            }
        }
    }
}
