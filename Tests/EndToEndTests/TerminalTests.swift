import Foundation
import JSON
import TestSupport
import Testing

@Suite(
    "Tables on a terminal", .timeLimit(.minutes(5)),
    .enabled(if: TestCommand.path(of: "script") != nil, "needs script(1)"))
struct TerminalTests {
    /// What a command prints on a terminal of that many columns.
    private func output(
        of command: String, columns: Int, in world: Workspace, coloured: Bool = false
    ) async throws -> String {
        let line = "stty cols \(columns); cd '\(world.folder.path)' && '\(ProductBinary.path)' \(command)"
        let text = try await TestCommand.run(
            ["script", "--quiet", "--command", line, "/dev/null"],
            environment: ["TERM": coloured ? "xterm" : "dumb"])
        return text.replacing("\r\n", with: "\n")
    }

    private func lines(_ text: String) -> [Substring] { text.split(separator: "\n") }

    @Test func `deliveries and events fit 80 columns, and elsewhere nothing is missing`() async throws {
        let receiver = try StubReceiver()
        let world = try await Workspace(receiver)
        let (sidecar, port) = try await world.readySidecar()
        let event = try await world.send(to: port)
        let id = try #require(try await receiver.requests(1).first?.deliveryID)
        _ = try await world.delivery(id) { $0["status"]?.string == "delivered" }

        let narrow = lines(try await output(of: "deliveries list", columns: 80, in: world))
        #expect(narrow.first?.hasSuffix("LAST  AGE") == true, "\(narrow)")
        #expect(narrow.last?.hasPrefix("\(id)  erp           delivered  1         200   ") == true)
        #expect(narrow.allSatisfy { $0.count <= 80 })
        let wide = lines(try await output(of: "deliveries list", columns: 120, in: world))
        let elsewhere = lines(try await world.run("deliveries", "list").output)
        #expect(wide == elsewhere)
        #expect(elsewhere.first?.hasSuffix("  CREATED") == true)
        #expect(elsewhere.last?.contains("  ticket.created  delivered  ") == true, "\(elsewhere)")

        let events = lines(try await output(of: "events list", columns: 50, in: world))
        #expect(events.first?.split(separator: " ") == ["EVENT", "TYPE", "AGE"])
        #expect(events.last?.hasPrefix("\(event)  ticket.created") == true, "\(events)")
        #expect(await sidecar.stop() == 0)
    }

    @Test func `a long subject is cut on a terminal and nowhere else`() async throws {
        let subject = "Follow what happens to tickets of every kind, priority and team from now on"
        let world = try await Workspace()
        try await world.repository.commit(subject, ["base.yaml": Resources.base])
        try await world.apply()
        let narrow = lines(try await output(of: "history", columns: 80, in: world))
        #expect(narrow.count == 2)
        #expect(narrow.last?.count == 80)
        #expect(narrow.last?.hasSuffix("…") == true, "\(narrow)")
        let elsewhere = try await world.run("history").output
        #expect(elsewhere.contains(subject.prefix(60)), "\(elsewhere)")
    }

    @Test(arguments: [false, true])
    func `what is known of a resource goes on below itself`(coloured: Bool) async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        try await world.apply()
        #expect(try await world.run("suspend", "--reason", "a release that takes its time").status == 0)
        let status = try await output(of: "status", columns: 64, in: world, coloured: coloured)
        #expect(
            status.contains(
                """
                  SecretReference/erp-signing  Unread      no sidecar has read
                                                           it yet
                """), "\(status)")
        let stopped = try #require(lines(status).firstIndex { $0.hasPrefix("Stopped ") })
        #expect(lines(status)[stopped + 1].hasPrefix("           "), "\(status)")
        #expect(lines(status)[stopped].contains("\u{1B}[33m") == coloured, "\(status)")
        let elsewhere = try await world.run("status").output
        #expect(elsewhere.contains("  Unread      no sidecar has read it yet\n"), "\(elsewhere)")

        let explained = lines(try await output(of: "explain Subscription.spec", columns: 50, in: world))
        #expect(explained.allSatisfy { $0.count <= 50 }, "\(explained)")
        #expect(explained.contains { $0.hasPrefix("                  ") })
    }

    @Test func `a reason with a word that is longer than its column stands below`() async throws {
        let file = "/run/secrets/of-the-erp-system/in-production/signing-key"
        let world = try await Workspace([
            "base.yaml": Resources.base.replacing("env: ERP_SECRET", with: "file: \(file)")
        ])
        try await world.apply()
        let (sidecar, _) = try await world.readySidecar()
        let status = try await output(of: "status", columns: 72, in: world)
        #expect(
            status.contains(
                """
                  SecretReference/erp-signing  Unresolved
                      cannot read
                      `\(file)`: No
                      such file or directory
                """), "\(status)")
        #expect(await sidecar.stop() == 0)
    }

    @Test(arguments: [false, true])
    func `why a secret does not resolve goes on below itself`(coloured: Bool) async throws {
        let world = try await Workspace()
        try world.folder.write(Resources.base, to: "config/base.yaml")
        let check = "secrets check --dir config"
        let narrow = try await output(of: check, columns: 50, in: world, coloured: coloured)
        let (red, end) = coloured ? ("\u{1B}[31m", "\u{1B}[0m") : ("", "")
        #expect(
            narrow.contains(
                """
                desk-token   env DESK_TOKEN  \(red)the environment\(end)
                                             \(red)variable `DESK_TOKEN`\(end)
                                             \(red)is not set\(end)
                """), "\(narrow)")
        let narrower = try await output(of: check, columns: 40, in: world, coloured: coloured)
        #expect(
            narrower.contains(
                """
                desk-token   env DESK_TOKEN
                    \(red)the environment variable\(end)
                    \(red)`DESK_TOKEN` is not set\(end)
                """), "\(narrower)")
    }

    @Test func `a path that is too long for its column moves no other row`() async throws {
        let path = "/run/secrets/of-the-erp-system/production/key"
        let world = try await Workspace()
        let files = Resources.secret("a", "file: /run/a") + Resources.secret("long", "file: \(path)")
        try world.folder.write(files + Resources.secret("token", "env: DESK_TOKEN"), to: "config/base.yaml")
        let narrow = try await output(of: "secrets check --dir config", columns: 60, in: world)
        let table = """
            SECRET  FROM            STATUS
            a       file /run/a     cannot read `/run/a`: No such file
                                    or directory
            long    file \(path)
                cannot read
                `\(path)`: No such
                file or directory
            token   env DESK_TOKEN  the environment variable
            """
        #expect(narrow.hasPrefix(table), "\(narrow)")
        let narrower = try await output(of: "secrets check --dir config", columns: 50, in: world)
        let row = "long    file\n    \(path)\n    cannot read\n    `\(path)`"
        #expect(narrower.contains("\n\(row)"), "\(narrower)")
        let elsewhere = try await world.run("secrets", "check", "--dir", "config").output
        #expect(elsewhere.contains("\nlong    file \(path)  cannot read `\(path)`: No such"), "\(elsewhere)")
    }
}
