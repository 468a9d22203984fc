import Foundation
import Glibc
import JSON
import TestSupport
import Testing

@Suite("Dump, backup, init and doctor", .timeLimit(.minutes(5)))
struct KeepingTests {
    /// Values that YAML could misread, in every kind that a state holds.
    private static let odd = """
        apiVersion: sync.zentra.dev/v1
        kind: SecretReference
        metadata:
          name: odd
          labels: {yes-no: "yes", number: "007", empty: "", time: "12:30"}
          annotations: {sync.zentra.dev/protect: "true"}
        spec: {from: {file: "/run/secrets/a b: #c"}}
        ---
        apiVersion: sync.zentra.dev/v1
        kind: Subscription
        metadata: {name: shaped}
        spec:
          targetURL: "https://erp.example.com/a?b=c&d=%23"
          events: ["change.*", ticket.created, "*"]
          filter: |-
            event.type == 'ticket.created'
              || "x: y" in ["a", '#']
          signing: {secretRef: odd}
          headers: {X-Note: "${event.type} \\" #1"}
          body:
            text: "  ${event.id} \\u2028\\u0085\\u00a0\\U0001F680 tab\\t"
            list: [1, 2.50, true, null, "null", "~", [], {}, [[1]], {a: [b]}]
            "key: with": {"": x}
          retry: {maxAttempts: 3, initialBackoff: 1m30s}
          rateLimit: 100/s
          circuitBreaker: false
        ---
        apiVersion: sync.zentra.dev/v1
        kind: InboundEndpoint
        metadata: {name: mail}
        spec:
          type: email
          verify: {basic: {username: "y", secretRef: odd}}
          maxBody: 2MiB
          ticket: {category: "no"}
        ---
        apiVersion: sync.zentra.dev/v1
        kind: SLAPolicy
        metadata: {name: critical}
        spec: {if: "event.data.priority == 'critical'", resolveWithin: 4h}

        """

    private func world() async throws -> Workspace {
        let world = try await Workspace(["base.yaml": Resources.base, "odd.yaml": Self.odd])
        try await world.apply()
        return world
    }

    @Test func `a dump plans to nothing, as one text and as a folder`() async throws {
        let world = try await world()
        let text = try await world.run("dump")
        #expect(text.status == 0, "\(text)")
        try world.folder.write(text.output, to: "one/all.yaml")
        #expect(try await world.run("dump", "many/deep").status == 0)
        let files = FileManager.default.subpaths(atPath: world.folder.appending("many")) ?? []
        #expect(files.contains("deep/subscriptions/shaped.yaml"), "\(files)")
        for folder in ["one", "many/deep"] {
            #expect(try await world.run("validate", folder).status == 0)
            let plan = try await world.run("plan", "--dir", folder, "--detailed-exitcode")
            #expect(plan.status == 0, "\(plan)")
            #expect(plan.output.contains("Nothing to change, 7 unchanged."))
        }
        let again = try await world.run("dump", "many/deep")
        #expect(again.status == 1)
        #expect(again.errors.contains("is there already"))
    }

    @Test func `a backup beside a running sidecar is whole`() async throws {
        let receiver = try StubReceiver()
        let world = try await Workspace(receiver)
        let (sidecar, port) = try await world.readySidecar()
        let ids = try await withThrowingTaskGroup(of: [String].self) { group in
            group.addTask {
                var ids: [String] = []
                for _ in 0..<50 { ids.append(try await world.send(to: port)) }
                return ids
            }
            for number in 0..<3 {
                let backup = try await world.run("backup", "copy-\(number).db")
                #expect(backup.status == 0, "\(backup)")
            }
            return try await group.reduce([], +)
        }
        let last = try await world.run("backup", "last.db")
        #expect(last.status == 0)
        #expect(last.errors == "wrote last.db and last.db.key\n", "\(last)")
        #expect(try await world.run("backup", "last.db").status == 1, "nothing is written over")
        let over = try await world.run("backup", "zentra-sync.db")
        #expect(
            over.status == 1 && over.errors.hasPrefix("error: zentra-sync.db is there already\n"), "\(over)")
        try world.folder.write("mine", to: "half.db.key")
        #expect(try await world.run("backup", "half.db").status == 1)
        #expect(!world.folder.exists("half.db"), "a backup is both files")
        // Only once the state is copied does it show that its key cannot be.
        symlink("none/at-all", world.folder.appending("linked.db.key"))
        #expect(try await world.run("backup", "linked.db").status == 1)
        #expect(!world.folder.exists("linked.db"), "a backup is both files")
        let nowhere = try await world.run("backup", "none/b.db")
        #expect(nowhere.errors == "error: cannot write none/b.db: No such file or directory\n", "\(nowhere)")
        chmod(world.state + ".key", 0o644)
        #expect(try await world.run("backup", "keyless.db").status == 1)
        #expect(!world.folder.exists("keyless.db"), "a backup is both files")
        chmod(world.state + ".key", 0o600)
        for name in ["copy-0.db", "copy-2.db", "last.db"] {
            let list = try await world.run(
                "events", "list", "--state", name, "--limit", "200", "--format", "json")
            #expect(list.status == 0, "\(list)")
            let stored =
                try JSONValue(parsing: list.output)["items"]?.array?.compactMap { $0["id"]?.string } ?? []
            #expect(Set(stored).isSubset(of: ids))
            if name == "last.db" { #expect(Set(stored) == Set(ids)) }
            var status = stat()
            #expect(stat(world.folder.appending(name), &status) == 0 && status.st_mode & 0o777 == 0o600)
            let key = try Data(contentsOf: URL(filePath: world.folder.appending("\(name).key")))
            #expect(key == (try Data(contentsOf: URL(filePath: world.state + ".key"))))
        }
        await sidecar.kill()
        // A copy runs like the state that it is a copy of.
        let plan = try await world.run(
            "plan", "--repo", world.repository.path, "--state", "last.db", "--detailed-exitcode")
        #expect(plan.status == 0, "\(plan)")
    }

    @Test func `a new repository validates, and is not written over`() async throws {
        let world = try await Workspace()
        let made = try await world.run("init", "config")
        #expect(made.status == 0, "\(made)")
        let check = try await world.run("validate", "config")
        #expect(check.status == 0, "\(check)")
        #expect(check.errors.contains("3 files: no problems"))
        let plan = try await world.run("plan", "--dir", "config")
        #expect(plan.output.contains("+ Subscription/erp-tickets"), "\(plan)")
        let applied = try await world.run(
            "apply", "--dir", "config", "--yes", "--state", "config/zentra-sync.db")
        #expect(applied.status == 0, "\(applied)")
        let config = world.folder.appending("config")
        try await TestCommand.run(["git", "init", "--quiet", config])
        let untracked = try await TestCommand.run(["git", "-C", config, "status", "--porcelain", "-uall"])
        #expect(untracked.contains("secrets.yaml") && !untracked.contains("zentra-sync.db"), "\(untracked)")
        let schema = try Data(
            contentsOf: URL(filePath: world.folder.appending("config/.zentra-sync/schema.json")))
        #expect(try JSONValue(parsing: Array(schema))["$schema"] != nil)
        for (file, words) in [
            ("secrets.yaml", ["$schema=.zentra-sync/schema.json"]),
            (
                ".github/workflows/zentra-sync.yml",
                ["zentra-sync validate", "zentra-sync test", "--request PATCH", "startswith"]
            ),
            (".gitlab-ci.yml", ["zentra-sync validate", "zentra-sync test", "--request PUT", "startswith"]),
        ] {
            let text = try String(contentsOfFile: world.folder.appending("config/\(file)"), encoding: .utf8)
            for word in words { #expect(text.contains(word), "\(file): \(word)") }
        }
        let named = try await world.run("init", "named", "--download", "https://example.com/zentra-sync")
        #expect(named.status == 0, "\(named)")
        for file in [".github/workflows/zentra-sync.yml", ".gitlab-ci.yml"] {
            let text = try String(contentsOfFile: world.folder.appending("named/\(file)"), encoding: .utf8)
            #expect(text.contains("ZENTRA_SYNC_DOWNLOAD: \"https://example.com/zentra-sync\""))
            #expect(!text.contains("vars.ZENTRA_SYNC_DOWNLOAD"))
        }
        #expect(try await world.run("init", "x", "--download", "http://x").status == 64)
        #expect(try await world.run("init", "x", "--download", "https://x/$(id)").status == 64)
        try world.folder.write("mine", to: "config/README.md")
        let again = try await world.run("init", "config")
        #expect(again.status == 1)
        #expect(
            try String(contentsOfFile: world.folder.appending("config/README.md"), encoding: .utf8) == "mine")
    }

    @Test func `doctor finds what is wrong, and nothing where nothing is`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let free = ["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]
        func doctor(_ arguments: [String]) async throws -> ProductBinary.Result {
            try await ProductBinary.run(
                ["doctor"] + free + arguments, in: world.folder.path, environment: world.environment)
        }
        let healthy = try await doctor(["--repo", world.repository.path, "--format", "json"])
        #expect(healthy.status == 0, "\(healthy)")
        let findings = try JSONValue(parsing: healthy.output).array ?? []
        #expect(
            findings.map { $0["subject"] } == ["libraries", "state", "clock", "disk", "port", "port", "git"])
        #expect(FileManager.default.fileExists(atPath: world.state) == false, "it changes nothing")

        let cached = try await doctor(["--repo", world.repository.path, "--cache-dir", "clone"])
        #expect(cached.output.contains("ok    cache: clone does not exist yet"), "\(cached)")
        #expect(
            !FileManager.default.fileExists(atPath: world.folder.appending("clone")), "it changes nothing")
        let nowhere = try await doctor(["--repo", world.repository.path, "--cache-dir", "none/clone"])
        #expect(nowhere.status == 1)
        #expect(nowhere.output.contains("fail  cache: none/clone cannot be written: "), "\(nowhere)")

        let missing = try await doctor(["--repo", world.folder.appending("none")])
        #expect(missing.status == 1)
        #expect(missing.output.contains("fail  git: "), "\(missing)")
        let placeless = try await ProductBinary.run(
            ["doctor", "--repo", world.repository.path] + free, in: world.folder.path,
            environment: ["TMPDIR": world.folder.appending("none")])
        #expect(placeless.status == 1)
        #expect(
            placeless.output.contains("fail  git: cannot make a folder in \(world.folder.appending("none"))"),
            "\(placeless)")

        try await world.apply()
        chmod(world.state + ".key", 0o644)
        let open = try await doctor([])
        #expect(open.status == 1)
        #expect(open.output.contains("fail  key: "), "\(open)")
        chmod(world.state + ".key", 0o600)

        let (sidecar, port) = try await world.readySidecar()
        #expect(try await doctor([]).output.contains("ok    ports: a sidecar runs this state"))
        let taken = try await ProductBinary.run(
            [
                "doctor", "--listen", "127.0.0.1:\(port)", "--admin-listen", "127.0.0.1:0", "--state",
                "other.db",
            ],
            in: world.folder.path, environment: world.environment)
        #expect(taken.status == 1)
        #expect(taken.output.contains("cannot be listened on: Address already in use"), "\(taken)")
        await sidecar.kill()
    }
}
