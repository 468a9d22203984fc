import Foundation
import Glibc
import JSON
import TestSupport
import Testing

@Suite("The state and who may use it", .timeLimit(.minutes(5)))
struct StateTests {
    @Test func `a state that is missing plans as empty, and is never made by looking`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        for command in [["status"], ["events", "list"], ["deliveries", "list"], ["secrets", "check"]] {
            let result = try await ProductBinary.run(command, in: world.folder.path)
            #expect(result.status == 1, "\(result)")
            #expect(
                result.errors.hasPrefix("error: there is no state at ./zentra-sync.db\nhint: "), "\(result)")
            #expect(result.output.isEmpty, "\(result)")
        }
        let plan = try await world.run("plan", "--repo", world.repository.path)
        #expect(plan.output.contains("(live: nothing yet)"), "\(plan)")
        #expect(!FileManager.default.fileExists(atPath: world.state))
    }

    @Test func `a second sidecar on the same state names the first`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let (first, _) = try await world.readySidecar()
        let second = try await world.run(
            "run", "--repo", world.repository.path, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"
        )
        #expect(second.status == 1)
        #expect(
            second.errors.hasPrefix("error: the state ./zentra-sync.db is in use by process \(first.id) on "),
            "\(second)")
        #expect(second.errors.contains("hint: "))
        // Reading and applying go on beside it.
        #expect(try await world.run("status").status == 0)
        #expect(
            try await world.run("plan", "--repo", world.repository.path, "--detailed-exitcode").status == 0)
        #expect(try await world.run("events", "list").status == 0)
        #expect(await first.stop() == 0)
        let (third, _) = try await world.readySidecar()
        #expect(await third.stop() == 0)
    }

    @Test func `a running state is not run again under another name`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let (first, _) = try await world.readySidecar()
        let other = world.folder.appending("other.db")
        try FileManager.default.linkItem(atPath: world.state, toPath: other)
        let second = try await world.run("run", "--repo", world.repository.path, "--state", other)
        #expect(second.status == 1)
        #expect(
            second.errors.hasPrefix("error: cannot open the state \(other): another name leads to"),
            "\(second)")
        #expect(second.errors.contains("hint: remove all names but this one"), "\(second)")
        #expect(!world.folder.exists("other.db.lock"), "nothing is left beside it")
        try FileManager.default.removeItem(atPath: other)
        #expect(try await world.run("status").status == 0)
        #expect(await first.stop() == 0)
    }

    @Test func `a file that is no state is refused and stays as it is`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        for (name, text) in [("notes.txt", "groceries: milk, eggs, a new bicycle\n"), ("folder/x", "")] {
            try world.folder.write(text, to: name)
            let state = name == "folder/x" ? "folder" : name
            for command in [
                ["status"], ["plan", "--repo"], ["apply", "--yes", "--repo"], ["run", "--repo"],
            ] {
                let arguments = command + (command.last == "--repo" ? [world.repository.path] : [])
                let result = try await ProductBinary.run(
                    arguments + ["--state", state], in: world.folder.path)
                #expect(result.status == 1, "\(result)")
                let reason =
                    state == "folder"
                    ? "error: cannot open the state folder: it is a directory"
                    : "error: notes.txt is not a state of zentra-sync\nhint: "
                #expect(result.errors.contains(reason), "\(result)")
            }
        }
        let kept = try String(contentsOfFile: world.folder.appending("notes.txt"), encoding: .utf8)
        #expect(kept == "groceries: milk, eggs, a new bicycle\n")
        #expect(
            !world.folder.exists("notes.txt.lock") && !world.folder.exists("folder.lock"),
            "nothing is left beside it")
    }

    @Test func `a state of a newer version is refused by everything and stays as it is`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        try await world.apply()
        let newer = try world.setSchemaVersion(99)
        for command in [
            ["status"], ["events", "list"], ["plan", "--repo", world.repository.path],
            ["apply", "--yes", "--repo", world.repository.path], ["run", "--repo", world.repository.path],
        ] {
            let result = try await ProductBinary.run(command, in: world.folder.path)
            #expect(result.status == 1, "\(result)")
            let message =
                "error: the state ./zentra-sync.db was written by a newer version of zentra-sync\nhint: "
            #expect(result.errors.contains(message), "\(result)")
        }
        #expect(try Data(contentsOf: URL(filePath: world.state)) == newer)
    }

    @Test func `a folder that cannot be written to, or is not there, is named`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        // Permissions do not stop root, but nobody makes files in this one.
        let readOnly = getuid() == 0 ? "/sys" : world.folder.appending("read-only")
        if getuid() != 0 {
            try FileManager.default.createDirectory(
                atPath: readOnly, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o555])
        }
        for (state, reason) in [
            ("\(readOnly)/zentra-sync.db", "the folder \(readOnly) is not writable: "),
            ("nowhere/zentra-sync.db", "the folder nowhere does not exist\n"),
        ] {
            for command in [["run"], ["apply", "--yes"]] {
                let result = try await ProductBinary.run(
                    command + ["--repo", world.repository.path, "--state", state], in: world.folder.path)
                #expect(result.status == 1, "\(result)")
                #expect(
                    result.errors.hasPrefix("error: cannot open the state \(state): \(reason)"), "\(result)")
            }
        }
    }

    @Test func `the file of a process that has ended holds everything`() async throws {
        let receiver = try StubReceiver()
        let world = try await Workspace(receiver)
        let (sidecar, port) = try await world.readySidecar()
        try await world.send(to: port)
        try await receiver.requests(1)
        #expect(await sidecar.stop() == 0)
        try FileManager.default.copyItem(atPath: world.state, toPath: world.folder.appending("copy.db"))
        let copy = try await world.run("deliveries", "list", "--state", "copy.db")
        #expect(copy.output.contains("delivered"), "\(copy)")
    }

    @Test func `a port that is taken is named with its option`() async throws {
        let taken = try StubReceiver()
        let world = try await Workspace(["base.yaml": Resources.base])
        for option in ["--listen", "--admin-listen"] {
            let sidecar = try world.sidecar([option, "127.0.0.1:\(taken.port)"])
            let line = try await sidecar.log.line(with: "error: cannot listen")
            #expect(line.contains("127.0.0.1:\(taken.port) (\(option))"), "\(line)")
            #expect(line.hasSuffix(": the port is in use"), "\(line)")
            #expect(await sidecar.end == 1)
            #expect(!sidecar.log.text.contains("\"level\":\"error\""), "\(sidecar.log.text)")
        }
        let nowhere = try world.sidecar(["--listen", "nowhere.invalid:80"])
        try await nowhere.log.line(
            with: "error: cannot listen on nowhere.invalid:80 (--listen): there is no such host")
        #expect(await nowhere.end == 1)
        let receiver = try await world.run("listen", "--port", "\(taken.port)")
        #expect(receiver.status == 1)
        #expect(
            receiver.errors.hasPrefix("error: cannot listen on 127.0.0.1:\(taken.port): the port is in use"))
    }

    @Test func `a repository that cannot be reached keeps the last good state`() async throws {
        let receiver = try StubReceiver()
        let world = try await Workspace(receiver)
        try await world.apply()
        let moved = world.repository.path + "-moved"
        try FileManager.default.moveItem(atPath: world.repository.path, toPath: moved)
        let plan = try await world.run("plan", "--repo", world.repository.path)
        #expect(plan.status == 1)
        #expect(plan.errors.hasPrefix("error: cannot fetch HEAD from \(world.repository.path): "), "\(plan)")
        #expect(plan.output.isEmpty)

        let (sidecar, port) = try await world.readySidecar()
        try await sidecar.log.line(with: "sync failed", "cannot fetch")
        #expect(try await HTTPExchange.get("/readyz", port: port).status == 200)
        try await world.send(to: port)
        try await receiver.requests(1)
        let status = try await world.status()["sync"]
        #expect(status?["result"]?.string == "failed" && status?["reason"]?.string == "fetch")
        try FileManager.default.moveItem(atPath: moved, toPath: world.repository.path)
        sidecar.signal(SIGHUP)
        while try await world.status()["sync"]?["result"]?.string != "synced" { try Task.checkCancellation() }
        #expect(await sidecar.stop() == 0)
    }

    @Test func `a sidecar without any configuration is alive but not ready`() async throws {
        let world = try await Workspace()
        let sidecar = try world.sidecar()
        try await sidecar.log.line(with: "sync failed")
        let port = try await sidecar.port
        #expect(try await HTTPExchange.get("/livez", port: port).status == 200)
        #expect(try await HTTPExchange.get("/readyz", port: port).status == 503)
        #expect(try await HTTPExchange.get("/readyz", port: sidecar.adminPort).status == 503)
        try await world.repository.commit("First", ["base.yaml": Resources.base])
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"")
        #expect(try await HTTPExchange.get("/readyz", port: port).status == 200)
        #expect(await sidecar.stop() == 0)
    }
}
