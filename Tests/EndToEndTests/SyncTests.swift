import Foundation
import Glibc
import JSON
import TestSupport
import Testing

@Suite("From a git repository to a running configuration", .timeLimit(.minutes(5)))
struct SyncTests {
    @Test func `plan says what apply will do, and nothing once it is done`() async throws {
        let world = try await Workspace(try StubReceiver())
        let plan = try await world.run("plan", "--repo", world.repository.path, "--detailed-exitcode")
        #expect(plan.status == 2, "\(plan)")
        #expect(plan.output.contains("+ Subscription/erp"))
        #expect(plan.output.contains("+ SecretReference/erp-signing"))
        #expect(plan.output.contains("Plan: 4 to create, 0 unchanged."))
        #expect(try await world.run("plan", "--repo", world.repository.path).status == 0)

        let apply = try await world.run("apply", "--repo", world.repository.path, "--yes")
        #expect(apply.status == 0)
        #expect(apply.output.hasSuffix("\nApplied, serial 1.\n"))

        let again = try await world.run("plan", "--repo", world.repository.path, "--detailed-exitcode")
        #expect(again.status == 0)
        #expect(again.output.contains("Nothing to change, 4 unchanged."))
    }

    @Test func `apply asks first, and without a terminal wants to be told`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let refused = try await world.run("apply", "--repo", world.repository.path)
        #expect(refused.status == 1)
        #expect(refused.errors.contains("hint: pass --yes"))
        let plan = try await world.run("plan", "--repo", world.repository.path, "--detailed-exitcode")
        #expect(plan.status == 2, "nothing was applied")
    }

    @Test func `the sidecar follows the branch, and a broken commit keeps the last good state`() async throws
    {
        let receiver = try StubReceiver()
        let world = try await Workspace(receiver)
        let (sidecar, port) = try await world.readySidecar()

        let narrower = Resources.subscription(to: receiver.url, events: "ticket.resolved")
        let good = try await world.repository.commit("Only resolved tickets", ["erp.yaml": narrower])
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"2\"")
        #expect(try await world.status()["sync"]?["appliedCommit"]?.string == good)

        let broken = try await world.repository.commit("Break it", ["erp.yaml": narrower + "  evnets: []\n"])
        try await sidecar.log.line(with: "sync failed", broken)
        let status = try await world.status()["sync"]
        #expect(status?["result"]?.string == "failed")
        #expect(status?["reason"]?.string == "invalid")
        #expect(status?["appliedCommit"]?.string == good)
        #expect(status?["seenCommit"]?.string == broken)
        #expect(status?["message"]?.string?.contains("erp.yaml:11:3") == true, "\(status?.text ?? "")")
        let text = try await world.run("status").output
        #expect(text.contains("Applied    \(good.prefix(7)) “Only resolved tickets”, serial 2"))
        #expect(text.contains("Sync       failed"))
        #expect(text.contains("Seen       \(broken.prefix(7)), not applied"))
        try await world.send(Resources.event("ticket.resolved"), to: port)
        try await receiver.requests(1)

        let wider = Resources.subscription(to: receiver.url)
        let recovered = try await world.repository.commit("Mend it", ["erp.yaml": wider])
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"3\"")
        let after = try await world.status()["sync"]
        #expect(after?["result"]?.string == "synced")
        #expect(after?["appliedCommit"]?.string == recovered)
        #expect(after?["failures"]?.int == 0)
        #expect(await sidecar.stop() == 0)
    }

    @Test func `a branch, a folder and a repository that go away keep the last good state`() async throws {
        let world = try await Workspace(["conf/base.yaml": Resources.base])
        try await world.repository.git("branch", "live")
        let sidecar = try world.sidecar(["--ref", "live", "--path", "conf"])
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"1\"")
        let port = try await sidecar.port
        func goOn(_ number: Int) async throws {
            try await world.repository.commit(
                "Back \(number)",
                ["conf/base.yaml": Resources.base, "conf/n.yaml": Resources.secret("n", "env: N\(number)")])
            try await world.repository.git("branch", "--force", "live", "main")
            try await sidecar.log.line(
                with: "\"message\":\"configuration is live\"", "\"serial\":\"\(number)\"")
        }
        func holds(_ reason: String, resources: Int) async throws {
            let status = try await world.status()
            #expect(status["sync"]?["reason"]?.string == reason, "\(status["sync"]?.text ?? "")")
            #expect(status["resources"]?.array?.count == resources)
            #expect(try await HTTPExchange.get("/readyz", port: port).status == 200)
        }
        try await world.repository.git("branch", "--delete", "--force", "live")
        try await sidecar.log.line(with: "sync failed: cannot fetch live", "no branch or tag `live`")
        try await holds("fetch", resources: 3)
        try await goOn(2)

        try await world.repository.git("rm", "--quiet", "-r", "conf")
        try await world.repository.commit("Move the folder", ["elsewhere/base.yaml": Resources.base])
        try await world.repository.git("branch", "--force", "live", "main")
        try await sidecar.log.line(with: "sync failed: cannot fetch live", "`conf` does not exist")
        try await holds("fetch", resources: 4)
        try await goOn(3)

        // An empty file for the folder's files, and then a repository without any commit in the place of the old one.
        let empty = try await world.repository.commit("Empty it", ["conf/base.yaml": "", "conf/n.yaml": ""])
        try await world.repository.git("branch", "--force", "live", "main")
        try await sidecar.log.line(with: "held: the desired state is empty", empty)
        try await holds("empty", resources: 4)
        try FileManager.default.moveItem(
            atPath: world.repository.path + "/.git", toPath: world.repository.path + "/.git-away")
        try await world.repository.git("init", "--quiet", "--initial-branch=live")
        try await sidecar.log.line(with: "sync failed: cannot fetch live", "the repository is empty")
        try await holds("fetch", resources: 4)
        #expect(await sidecar.stop() == 0)
    }

    @Test func `a hang-up signal syncs now`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let sidecar = try world.sidecar(interval: "1h")
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"1\"")
        try await sidecar.log.line(with: "\"listener\":\"public\"")
        try await world.repository.commit("Second", ["more.yaml": Resources.secret("more", "env: MORE")])
        sidecar.signal(SIGHUP)
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"2\"")
        #expect(await sidecar.stop() == 0)
    }

    @Test func `a hang-up signal that comes early ends nothing`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let sidecar = try world.sidecar(interval: "1h")
        while !world.folder.exists("zentra-sync.db.lock") { await Task.yield() }
        while !sidecar.log.text.contains("\"listener\":\"public\"") {
            sidecar.signal(SIGHUP)
            try Task.checkCancellation()
            await Task.yield()
        }
        #expect(await sidecar.stop() == 0)
    }

    @Test func `an apply beside the sidecar goes live there`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let sidecar = try world.sidecar(interval: "1h")
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"1\"")
        try await world.repository.commit("Second", ["more.yaml": Resources.secret("more", "env: MORE")])
        try await world.apply()
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"2\"")
        #expect(await sidecar.stop() == 0)
    }

    @Test func `one sync and no more, for an init container`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let first = try await world.run("run", "--once", "--repo", world.repository.path)
        #expect(first.status == 0, "\(first)")
        #expect(try await world.status()["serial"]?.int == 1)
        #expect(try await world.run("run", "--once", "--repo", world.repository.path).status == 0)
        try await world.repository.commit("Break it", ["base.yaml": "kind: Nothing\n"])
        let broken = try await world.run("run", "--once", "--repo", world.repository.path)
        #expect(broken.status == 1)
        #expect(broken.errors.contains("error: cannot sync: the configuration has"), "\(broken)")
        #expect(try await world.status()["serial"]?.int == 1)
    }

    @Test func `a plain folder is planned and applied as it is`() async throws {
        let world = try await Workspace()
        try world.folder.write(Resources.base, to: "config/base.yaml")
        #expect(try await world.run("plan", "--dir", "config", "--detailed-exitcode").status == 2)
        #expect(try await world.run("apply", "--dir", "config", "--yes").status == 0)
        #expect(try await world.run("plan", "--dir", "config", "--detailed-exitcode").status == 0)
    }

    @Test func `options of the sidecar come from the environment too, and a flag beats them`() async throws {
        var world = try await Workspace(["base.yaml": Resources.base])
        world.environment.merge([
            "ZENTRA_SYNC_REPO": world.repository.path, "ZENTRA_SYNC_INTERVAL": "1h",
            "ZENTRA_SYNC_STATE": "nowhere/zentra-sync.db", "ZENTRA_SYNC_INTERVALL": "1s",
            "ZENTRA_SYNC_PORT_8080_TCP_ADDR": "10.0.0.1", "ZENTRA_SYNC_ALLOW_HTTP": "true",
        ]) { $1 }
        let sidecar = try SidecarProcess(
            ["--state", world.state], in: world.folder.path, environment: world.environment)
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"")
        #expect(await sidecar.stop() == 0)
        let warnings = sidecar.log.all.filter { $0.hasPrefix("warning:") }
        #expect(
            warnings == ["warning: the environment variable ZENTRA_SYNC_INTERVALL names no option of `run`"])
        #expect(try await world.status()["serial"]?.int == 1)
    }

    @Test func `an environment is validated, planned, applied and run`() async throws {
        let receiver = try StubReceiver()
        let world = try await Workspace([
            "base/base.yaml": Resources.base,
            "base/erp.yaml": Resources.subscription(to: "${values.url}"),
            "env/prod/values.yaml": "url: \(receiver.url)\n", "env/test/values.yaml": "other: 1\n",
        ])
        let source = ["--repo", world.repository.path]
        let without = try await world.run("validate", world.repository.path)
        #expect(without.status == 1)
        let hint = "hint: the repository has environments; choose one: `--env prod`, `--env test`\n"
        #expect(without.errors.hasSuffix(hint), "\(without)")
        #expect(try await world.run("plan", "--repo", world.repository.path).errors.hasSuffix(hint))
        #expect(try await world.run("validate", world.repository.path, "--env", "prod").status == 0)
        let undefined = try await world.run("plan", "--repo", world.repository.path, "--env", "test")
        #expect(undefined.status == 1)
        #expect(undefined.errors.contains("error[undefined-value]"), "\(undefined)")
        let misspelt = try await world.run("plan", "--repo", world.repository.path, "--env", "prd")
        #expect(misspelt.status == 1)
        #expect(misspelt.errors.contains("there is no environment `prd`"), "\(misspelt)")
        #expect(try await world.run("plan", "--repo", world.repository.path, "--env", "../x").status == 64)

        let plan = try await world.run("plan", "--repo", world.repository.path, "--env", "prod")
        #expect(
            plan.output.contains("spec.targetURL comes from env/prod/values.yaml:1 (values.url)"), "\(plan)")
        let apply = try await ProductBinary.run(
            ["apply"] + source + ["--env", "prod", "--yes"], in: world.folder.path,
            environment: world.environment, input: "")
        #expect(apply.status == 0, "\(apply)")
        let (sidecar, port) = try await world.readySidecar(["--env", "prod"])
        try await world.send(to: port)
        try await receiver.requests(1)
        #expect(try await world.status()["serial"]?.int == 1, "the loop sees what apply saw")
        try await world.repository.commit(
            "Overlay",
            ["env/prod/erp.yaml": "kind: Subscription\nmetadata: {name: erp}\nspec: {timeout: 9s}\n"])
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"2\"")
        try await world.repository.commit("Value", ["env/prod/values.yaml": "url: \(receiver.url)/next\n"])
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"", "\"serial\":\"3\"")
        try await world.send(to: port)
        try await receiver.requests { $0.last?.path == "/hooks/next" }
        #expect(await sidecar.stop() == 0)
    }

    @Test func `a plan tells what it would have done to stored events and which secrets rotate`() async throws
    {
        let receiver = try StubReceiver()
        var world = try await Workspace(receiver)
        world.environment["SAME"] = Workspace.signingSecret
        let (sidecar, port) = try await world.readySidecar(interval: "1h")
        for priority in ["high", "low", "low"] {
            try await world.send(Resources.event(data: "{\"priority\":\"\(priority)\"}"), to: port)
        }
        try await receiver.requests(3)
        try await world.repository.commit(
            "Only high",
            [
                "erp.yaml": Resources.subscription(
                    to: receiver.url, more: "filter: event.data.priority == 'high'"),
                "base.yaml": Resources.base.replacing("ERP_SECRET", with: "SAME").replacing(
                    "DESK_TOKEN", with: "OTHER_TOKEN"),
            ])
        #expect(await sidecar.stop() == 0)
        world.environment["OTHER_TOKEN"] = "another-token"
        let plan = try await world.run(
            "plan", "--repo", world.repository.path, "--format", "json=plan.json", "--format",
            "markdown=plan.md", "--out", "saved.json")
        #expect(plan.status == 0, "\(plan)")
        #expect(plan.output.contains("would have delivered 1 of the last 3 events, was 3"), "\(plan)")
        #expect(plan.output.contains("its value stays the same"))
        #expect(plan.output.contains("its value will rotate"))
        let json = try JSONValue(
            parsing: Array(String(contentsOfFile: world.folder.appending("plan.json"), encoding: .utf8).utf8))
        #expect(json["summary"]?["update"]?.int == 3)
        let markdown = try String(contentsOfFile: world.folder.appending("plan.md"), encoding: .utf8)
        #expect(markdown.hasPrefix("### zentra-sync plan\n\n**Plan: 3 to update"))
        for text in [plan.output, json.text, markdown] {
            #expect(!text.contains(Workspace.signingSecret) && !text.contains("another-token"))
        }
        let bare = try await world.run("plan", "--repo", world.repository.path)
        #expect(bare.status == 0)
        #expect(try await world.run("apply", "saved.json", "--yes").status == 0, "notes bind nothing")
        let usage = try await world.run(
            "plan", "--repo", world.repository.path, "--format", "json", "--format", "markdown")
        #expect(usage.status == 64)
    }

    @Test(.enabled(if: TestCommand.path(of: "script") != nil, "needs script(1)"))
    func `long work shows progress on a terminal, and nowhere else`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let command = "\(ProductBinary.path) plan --repo \(world.repository.path) --state \(world.state)"
        let terminal = try await TestCommand.run(
            ["script", "--quiet", "--return", "--command", command, "/dev/null"],
            environment: ["TERM": "xterm"])
        #expect(terminal.contains("fetching \(world.repository.path)"), "\(terminal)")
        #expect(terminal.contains("Plan: 3 to create"))
        let pipe = try await world.run("plan", "--repo", world.repository.path)
        #expect(!pipe.errors.contains("fetching") && !pipe.output.contains("fetching"))
    }

    @Test func `a force-push is held until somebody applies it`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let (sidecar, _) = try await world.readySidecar()
        try await world.repository.git("commit", "--quiet", "--amend", "--message", "Rewritten")
        let rewritten = try await world.repository.head
        try await sidecar.log.line(with: "held: commit \(rewritten.prefix(7)) does not descend")
        let held = try await world.status()["sync"]
        #expect(held?["result"]?.string == "held")
        #expect(held?["reason"]?.string == "history")
        #expect(held?["appliedCommit"]?.string != rewritten)
        try await world.apply()
        #expect(try await world.status()["sync"]?["appliedCommit"]?.string == rewritten)
        let next = try await world.repository.commit(
            "Go on", ["more.yaml": Resources.secret("more", "env: MORE")])
        try await sidecar.log.line(with: "\"message\":\"applied\"", next)
        #expect(await sidecar.stop() == 0)
    }

    @Test func `an apply from elsewhere is undone by the loop, and counted`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let (sidecar, _) = try await world.readySidecar()
        try world.folder.write(
            Resources.base + Resources.secret("stray", "env: STRAY"), to: "other/base.yaml")
        #expect(try await world.run("apply", "--dir", "other", "--yes").status == 0)
        try await sidecar.log.line(with: "healed: it was changed outside of git", "SecretReference/stray")
        #expect(await sidecar.stop() == 0)
        let status = try await world.status()
        #expect(status["drift"]?["total"]?.int == 1)
        #expect(status["resources"]?.array?.count == 3)
        #expect(try await world.run("history").output.contains("healed"))
    }

    @Test(.enabled(if: TestCommand.path(of: "python3") != nil, "needs python3"))
    func `a plan says that a resource is changed by hand again and again, here and from elsewhere`()
        async throws
    {
        let ci = Resources.token("ci", "desk-token", "config:read")
        let world = try await Workspace(["base.yaml": Resources.base + ci])
        let (sidecar, port) = try await world.readySidecar(interval: "1h")
        let script = """
            import sqlite3, sys, time
            state = sqlite3.connect(sys.argv[1])
            state.execute("UPDATE resource SET canonical = replace(canonical, 'ERP_SECRET', 'EVIL')")
            state.execute(
                "INSERT INTO drift (kind, name, count, healed_ms) VALUES ('SecretReference', 'erp-signing', 9, ?)",
                [int(time.time() * 1000)])
            state.commit()
            """
        try await TestCommand.run(["python3", "-c", script, world.state])
        try world.folder.write(Workspace.token, to: "token")
        for server in [[], ["--server", "http://127.0.0.1:\(port)", "--token-file", "token"]] {
            let plan = try await ProductBinary.run(
                ["plan", "--repo", world.repository.path, "--cache-dir", "ci.git"] + server,
                in: world.folder.path,
                environment: world.environment)
            #expect(plan.status == 0, "\(plan)")
            #expect(plan.output.contains("EVIL"), "\(plan)")
            #expect(plan.output.contains("again and again; the sidecar heals it next at "), "\(plan)")
        }
        #expect(await sidecar.stop() == 0)
    }
}
