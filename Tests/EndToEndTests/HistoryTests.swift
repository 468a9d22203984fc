import Foundation
import Glibc
import JSON
import TestSupport
import Testing

@Suite("History, rollback and suspension", .timeLimit(.minutes(5)))
struct HistoryTests {
    private func world() async throws -> Workspace {
        let world = try await Workspace([
            "base.yaml": Resources.base,
            "erp.yaml": Resources.subscription(to: "https://erp.example.com/v1"),
        ])
        try await world.apply()
        try await world.repository.commit(
            "Second", ["erp.yaml": Resources.subscription(to: "https://erp.example.com/v2")])
        try await world.apply()
        return world
    }

    @Test func `a rollback goes back, stays there beside a running loop, and resume goes on`() async throws {
        let world = try await world()
        let source = world.repository.path
        let history = try await world.run("history", "--format", "json")
        let items = try #require(try JSONValue(parsing: history.output)["items"]?.array)
        #expect(items.map { $0["serial"]?.int } == [2, 1])
        #expect(items.first?["subject"]?.string == "Second")
        #expect(items.first?["result"]?.string == "applied")
        #expect(items.first?["appliedBy"]?.string?.hasSuffix(" (apply)") == true)

        #expect(try await world.run("rollback", "1").status == 1, "it asks first")
        let rollback = try await world.run("rollback", "1", "--yes", "--reason", "v2 is broken")
        #expect(rollback.status == 0, "\(rollback)")
        #expect(rollback.output.contains("\"https://erp.example.com/v2\" → \"https://erp.example.com/v1\""))
        #expect(rollback.output.contains("v1\"   erp.yaml:6\n"), "\(rollback)")
        #expect(rollback.output.hasSuffix("Revision 1 is live as serial 3, until `zentra-sync resume`.\n"))

        let plan = try await world.run("plan", "--repo", source)
        #expect(plan.status == 3)
        #expect(plan.output.contains("revision 1 is pinned by a rollback"), "\(plan)")
        #expect(plan.output.contains("v2 is broken"))
        #expect(try await world.run("apply", "--repo", source, "--yes").status == 3)

        let sidecar = try world.sidecar()
        try await sidecar.log.line(with: "held: revision 1 is pinned")
        let status = try await world.status()
        #expect(status["serial"]?.int == 3)
        #expect(status["sync"]?["reason"]?.string == "pinned")
        #expect(status["suspensions"]?.array?.first?["revision"]?.int == 1)
        #expect(try await world.run("history").output.contains("rollback, pinned") == false)
        #expect(try await world.run("history").output.contains("applied, pinned"))

        let resume = try await world.run("resume")
        #expect(resume.output == "Resumed syncing.\n", "\(resume)")
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"4\"")
        #expect(await sidecar.stop() == 0)
        #expect(try await world.run("plan", "--repo", source, "--detailed-exitcode").status == 0)
    }

    @Test func `a rollback names the lines of that revision, or the document without a clone`() async throws {
        let world = try await world()
        // The rest of the file does not matter, and the resource did not change with its last commit.
        try await world.repository.commit("Comment", ["notes.txt": "x"])
        try await world.apply()
        func line(_ arguments: String...) async throws -> String {
            let result = try await ProductBinary.run(
                ["rollback", "1"] + arguments, in: world.folder.path, environment: world.environment)
            #expect(result.status == 1, "it asks first: \(result)")
            return result.output.split(separator: "\n").first { $0.contains("spec.targetURL") }.map(
                String.init) ?? ""
        }
        #expect(try await line().hasSuffix("v1\"   erp.yaml:6"))
        #expect(try await line("--cache-dir", "nowhere").hasSuffix("v1\"   erp.yaml:2"))
        #expect(!world.folder.exists("nowhere"), "nothing is made by looking")
        try FileManager.default.removeItem(atPath: world.state + ".git")
        #expect(try await line().hasSuffix("v1\"   erp.yaml:2"))
    }

    @Test(arguments: ["my configuration", " edge ", "größe/集成 2", "it's \"odd\" twice\"", "-dash", "a%20b"])
    func `a rollback names the lines also in a folder with an odd name`(_ path: String) async throws {
        let world = try await Workspace()
        for version in ["v1", "v2"] {
            try await world.repository.commit(
                version,
                [
                    "\(path)/base.yaml": Resources.base,
                    "\(path)/erp.yaml": Resources.subscription(to: "https://erp.example.com/\(version)"),
                ])
            let applied = try await world.run(
                "apply", "--repo", world.repository.path, "--path=\(path)", "--yes")
            #expect(applied.status == 0, "\(applied)")
        }
        let result = try await world.run("rollback", "1")
        #expect(result.output.contains("v1\"   erp.yaml:6\n"), "\(result)")
        let shown = path.contains { $0 == " " || $0 == "\"" } ? JSONValue.string(path).text : path
        #expect(
            try await world.status()["sync"]?["source"]?.string == "\(world.repository.path) HEAD \(shown)")
    }

    @Test func `revisions that are not there, and a state that is not there`() async throws {
        let world = try await world()
        let missing = try await world.run("rollback", "7", "--yes")
        #expect(missing.status == 1)
        #expect(missing.errors.contains("error: there is no revision 7"))
        for command in [["rollback", "1", "--yes"], ["suspend"], ["resume"], ["history"]] {
            let result = try await ProductBinary.run(
                command + ["--state", "nowhere.db"], in: world.folder.path, environment: world.environment,
                input: "")
            #expect(result.status == 1, "\(command)")
            #expect(!world.folder.exists("nowhere.db"), "\(command) makes no state")
        }
    }

    @Test func `a suspended resource stays, and is marked until it is resumed`() async throws {
        let world = try await world()
        let suspended = try await world.run(
            "suspend", "Subscription/erp", "--reason", "freeze", "--for", "2h")
        #expect(suspended.status == 0, "\(suspended)")
        try await world.repository.commit(
            "Third", ["erp.yaml": Resources.subscription(to: "https://erp.example.com/v3")])
        let plan = try await world.run("plan", "--repo", world.repository.path, "--detailed-exitcode")
        #expect(plan.status == 0, "\(plan)")
        #expect(plan.output.contains("! Subscription/erp"))
        #expect(plan.output.contains("freeze"))
        #expect(plan.output.contains("1 withheld."))
        #expect(try await world.run("status").output.contains("freeze"))
        let odd = try await world.run("suspend", "Nothing/erp")
        #expect(odd.status == 64)
        #expect(odd.errors.contains("\nhint: a resource is written KIND/NAME"), "\(odd)")
        #expect(try await world.run("suspend", "--for", "0s").status == 64)
        let unknown = try await world.run("suspend", "Subscription/epr")
        #expect(unknown.errors.contains("warning: Subscription/epr is not live"), "\(unknown)")
        #expect(try await world.run("suspend").status == 0)
        let resumed = try await world.run("resume", "Subscription/epr")
        #expect(resumed.status == 0)
        #expect(resumed.errors.contains("still suspended: Subscription/erp, by "), "\(resumed)")
        #expect(resumed.errors.contains("still suspended: syncing, by "), "\(resumed)")
        #expect(try await world.run("resume").output == "Resumed syncing.\n")
        #expect(try await world.run("resume", "Subscription/erp").output == "Resumed Subscription/erp.\n")
        #expect(
            try await world.run("resume", "Subscription/erp").output
                == "Nothing to do: Subscription/erp was not suspended.\n")
        let after = try await world.run("plan", "--repo", world.repository.path, "--detailed-exitcode")
        #expect(after.status == 2)
    }

    @Test func `a suspended sidecar holds what is pushed and says why`() async throws {
        let world = try await world()
        #expect(try await world.run("suspend", "--reason", "release freeze").status == 0)
        try await world.repository.commit(
            "Third", ["erp.yaml": Resources.subscription(to: "https://erp.example.com/v3")])
        let sidecar = try world.sidecar(interval: "1h")
        try await sidecar.log.line(with: "held: syncing is suspended", "release freeze")
        #expect(try await world.status()["serial"]?.int == 2)
        #expect(try await world.run("resume").status == 0)
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"3\"")
        #expect(await sidecar.stop() == 0)
    }

    @Test(
        .enabled(
            if: ["gpg", "gpgv", "gpgconf"].allSatisfy { TestCommand.path(of: $0) != nil },
            "needs gpg and gpgv"))
    func `a commit that a stranger signed with OpenPGP is held and seen in the status`() async throws {
        let world = try await Workspace()
        let home = try TestFolder()
        let environment = ["GNUPGHOME": home.path, "HOME": home.path]
        chmod(home.path, 0o700)
        var keys: [String: String] = [:]
        for name in ["zoe", "stranger"] {
            try await TestCommand.run(
                [
                    "gpg", "--batch", "--quiet", "--passphrase", "", "--quick-gen-key", name, "ed25519",
                    "sign", "0",
                ],
                environment: environment)
            keys[name] = try await TestCommand.run(
                ["gpg", "--armor", "--export", name], environment: environment)
        }
        func commit(_ subject: String, _ files: [String: String], by name: String) async throws {
            try await world.repository.commit(subject, files)
            try await world.repository.git(
                "commit", "--quiet", "--amend", "--no-edit", "--gpg-sign=\(name)", environment: environment)
        }
        let signers = try world.folder.write(keys["zoe"] ?? "", to: "signers")
        try await commit("First", ["base.yaml": Resources.base], by: "zoe")
        let source = world.repository.path
        let first = try await world.run("apply", "--repo", source, "--verify-signatures", signers, "--yes")
        #expect(first.status == 0, "\(first)")
        try await commit("Strange", ["a.yaml": Resources.secret("a", "env: A")], by: "stranger")
        try await TestCommand.run(["gpgconf", "--kill", "all"], environment: environment)
        let reason = "“Strange” is not trusted: its OpenPGP key is not an allowed signer's"
        let plan = try await world.run("plan", "--repo", source, "--verify-signatures", signers)
        #expect(plan.status == 3, "\(plan)")
        #expect(plan.output.contains(reason), "\(plan)")

        let sidecar = try world.sidecar(["--verify-signatures", signers])
        try await sidecar.log.line(with: "held: ", "“Strange” is not trusted")
        let status = try await world.status()
        #expect(status["sync"]?["reason"]?.string == "signature" && status["serial"]?.int == 1)
        let shown = try await world.run("status")
        #expect(shown.output.contains(reason), "\(shown)")
        let metrics = try await HTTPExchange.get("/metrics", port: try await sidecar.adminPort)
        #expect(metrics.text.contains("signature"), "\(metrics.text)")
        // Who is trusted is read again at every round.
        try world.folder.write((keys["zoe"] ?? "") + "\n" + (keys["stranger"] ?? ""), to: "signers")
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"2\"")
        #expect(await sidecar.stop() == 0)
    }

    @Test(.enabled(if: TestCommand.path(of: "ssh-keygen") != nil, "needs ssh-keygen"))
    func `commits without a trusted signature are held by plan, apply and the sidecar`() async throws {
        let world = try await Workspace()
        let key = world.folder.appending("key")
        try await TestCommand.run(["ssh-keygen", "-q", "-N", "", "-t", "ed25519", "-C", "zoe", "-f", key])
        let publicKey = try await TestCommand.run(["cat", key + ".pub"])
        let signers = try world.folder.write("zoe@example.com \(publicKey)\n", to: "signers")
        func commit(_ subject: String, _ files: [String: String], signed: Bool) async throws {
            try await world.repository.commit(subject, files)
            if signed {
                try await world.repository.git(
                    "-c", "gpg.format=ssh", "-c", "user.signingkey=\(key)", "commit", "--quiet", "--amend",
                    "--no-edit", "--gpg-sign")
            }
        }
        let source = world.repository.path
        try await commit("First", ["base.yaml": Resources.base], signed: true)
        let first = try await world.run("apply", "--repo", source, "--verify-signatures", signers, "--yes")
        #expect(first.status == 0, "\(first)")
        try await commit("Unsigned", ["a.yaml": Resources.secret("a", "env: A")], signed: false)
        try await commit("Signed", ["b.yaml": Resources.secret("b", "env: B")], signed: true)
        for command in ["plan", "apply"] {
            let result = try await world.run(
                command, "--repo", source, "--verify-signatures", signers)
            #expect(result.status == 3, "\(result)")
            #expect(result.output.contains("“Unsigned” is not trusted: it is not signed"))
        }
        let sidecar = try world.sidecar(["--verify-signatures", signers])
        try await sidecar.log.line(with: "“Unsigned” is not trusted")
        #expect(try await world.status()["sync"]?["reason"]?.string == "signature")
        #expect(try await world.status()["serial"]?.int == 1)
        #expect(await sidecar.stop() == 0)
        #expect(
            try await world.run("plan", "--dir", ".", "--verify-signatures", signers).status == 64)
        #expect(try await world.run("apply", "plan.json", "--verify-signatures", signers).status == 64)
        #expect(try await world.run("apply", "plan.json", "--env", "prod").status == 64)
        let unreadable = try await world.run("plan", "--repo", source, "--verify-signatures", "nowhere")
        #expect(unreadable.status == 1)
        #expect(
            unreadable.errors.contains("cannot read the file of allowed signers `nowhere`"), "\(unreadable)")
    }
}
