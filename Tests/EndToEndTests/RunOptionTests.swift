import Foundation
import JSON
import TestSupport
import Testing

/// What `run` does differently because of an option, as its user sees it.
@Suite("Options of the sidecar", .timeLimit(.minutes(5)))
struct RunOptionTests {
    @Test func `a branch and a folder of the repository count, and nothing beside them`() async throws {
        let receiver = try StubReceiver()
        let world = try await Workspace(["base.yaml": "not yaml: ["])
        try await world.repository.git("checkout", "--quiet", "-b", "live")
        try await world.repository.commit(
            "Second",
            ["team/base.yaml": Resources.base, "team/erp.yaml": Resources.subscription(to: receiver.url)])
        try await world.repository.git("checkout", "--quiet", "main")
        let (sidecar, port) = try await world.readySidecar(["--ref", "live", "--path", "team"])
        try await world.send(to: port)
        try await receiver.requests(1)
        #expect(await sidecar.stop() == 0)
    }

    @Test func `a secret file has to be in one of the folders that may hold secrets`() async throws {
        let receiver = try StubReceiver()
        let world = try await Workspace(receiver)
        let inside = try world.folder.write("inside", to: "secrets/signing")
        let outside = try world.folder.write("outside", to: "elsewhere/signing")
        let other = try StubReceiver()
        try await world.repository.commit(
            "Files",
            [
                "inside.yaml": Resources.secret("inside", "file: \(inside)")
                    + Resources.subscription("inside", to: receiver.url, signing: "inside"),
                "outside.yaml": Resources.secret("outside", "file: \(outside)")
                    + Resources.subscription("outside", to: other.url, signing: "outside"),
            ])
        let folder = world.folder.appending("secrets")
        let (sidecar, port) = try await world.readySidecar(["--secrets-dir", folder])
        try await world.send(to: port)
        try await receiver.requests { $0.contains { $0["X-Zentra-Signature"] != nil } }
        let status = try await world.status()
        let found = (status["resources"]?.array ?? []).filter { $0["name"]?.string == "outside" }
        let message = found.compactMap { $0["message"]?.string }.joined()
        #expect(message.contains("--secrets-dir"), "\(found)")
        #expect(other.requests.isEmpty)
        #expect(await sidecar.stop() == 0)
    }

    @Test(
        arguments: ["127.0.0.2:0", "localhost:0"] + (LoopbackListener.hasIPv6 ? ["[::1]:0", "[::]:0"] : []))
    func `commands beside the sidecar reach it where it listens`(_ place: String) async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let (sidecar, _) = try await world.readySidecar(["--listen", place])
        let sent = try await world.run("events", "send", "ticket.created", "--data", "-", input: "{}")
        #expect(sent.status == 0, "\(sent)")
        #expect(await sidecar.stop() == 0)
    }

    @Test func `requests go through the proxy`() async throws {
        let proxy = try StubReceiver()
        let world = try await Workspace([
            "base.yaml": Resources.base,
            "erp.yaml": Resources.subscription(to: "http://receiver.example/hooks"),
        ])
        let (sidecar, port) = try await world.readySidecar(
            network: ["--allow-http"], ["--proxy", "http://user:pass@127.0.0.1:\(proxy.port)"])
        try await world.send(to: port)
        let request = try await proxy.requests(1)[0]
        #expect(request.line == "POST http://receiver.example/hooks HTTP/1.1")
        #expect(request["Host"] == "receiver.example")
        #expect(request["Proxy-Authorization"] == "Basic dXNlcjpwYXNz")
        #expect(await sidecar.stop() == 0)
    }

    @Test(
        .enabled(
            if: TestCertificate.isAvailable && TestCommand.path(of: "curl") != nil, "needs openssl and curl"))
    func `the listener speaks TLS, and believes its proxies about who calls`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let certificate = try await TestCertificate(in: world.folder)
        let (sidecar, port) = try await world.readySidecar([
            "--tls-certificate-file", certificate.certificateFile, "--tls-key-file", certificate.keyFile,
            "--trusted-proxy", "127.0.0.0/8",
        ])
        let answer = try await TestCommand.run([
            "curl", "--silent", "--show-error", "--cacert", certificate.certificateFile,
            "--resolve", "localhost:\(port):127.0.0.1", "--header", "X-Forwarded-For: 198.51.100.7",
            "https://localhost:\(port)/api/v1/events",
        ])
        #expect(try JSONValue(parsing: answer)["status"]?.int == 401)
        let line = try await sidecar.log.line(with: "request refused")
        #expect(line.contains(#""client":"198.51.100.7""#))
        #expect(await sidecar.stop() == 0)
    }

    @Test func `intake stops at the bound of pending deliveries`() async throws {
        let world = try await Workspace([
            "base.yaml": Resources.base,
            "erp.yaml": Resources.subscription(to: "http://127.0.0.1:9/", more: "suspend: true"),
        ])
        let (sidecar, port) = try await world.readySidecar(["--max-pending", "2"])
        try await world.send(to: port)
        try await world.send(to: port)
        let refused = try await HTTPExchange.post(
            "/api/v1/events", port: port, token: Workspace.token, body: Resources.event())
        #expect(refused.status == 503)
        #expect(refused.head.contains("Retry-After: "))
        #expect(refused.detail.contains("--max-pending"))
        #expect(await sidecar.stop() == 0)
    }

    @Test func `old events go`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let (sidecar, port) = try await world.readySidecar(["--retention", "1s"])
        let old = try await world.send(to: port)
        // The newest event stays.
        let young = try await world.send(to: port)
        var ids = [old, young]
        while ids.contains(old) {
            let list = try await HTTPExchange.get("/api/v1/events", port: port, token: Workspace.token)
            ids = try (list.json["items"]?.array ?? []).compactMap { $0["id"]?.string }
            try Task.checkCancellation()
        }
        #expect(ids == [young])
        #expect(await sidecar.stop() == 0)
    }

    @Test func `a log is text when that is asked for, and as quiet as that`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let (text, _) = try await textSidecar(world, ["--log-format", "text"])
        #expect(text.contains { $0.contains(" notice ") && $0.contains("configuration is live") })
        #expect(!text.contains { $0.hasPrefix("{") })
        let (quiet, _) = try await textSidecar(world, ["--log-level", "error", "--once"])
        #expect(quiet.isEmpty)
    }

    /// Runs a sidecar to its end; returns what it logged.
    private func textSidecar(_ world: Workspace, _ arguments: [String]) async throws -> ([String], Int32) {
        let sidecar = try world.sidecar(arguments)
        let isOnce = arguments.contains("--once")
        if !isOnce { try await sidecar.log.line(with: "configuration is live") }
        let end = isOnce ? await sidecar.end : await sidecar.stop()
        #expect(end == 0)
        return (sidecar.log.all, end)
    }

    @Test func `a force-push is accepted when that is allowed`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let (sidecar, _) = try await world.readySidecar(["--history", "accept"])
        try await world.repository.git("checkout", "--quiet", "--orphan", "other")
        try await world.repository.commit(
            "Anew", ["base.yaml": Resources.base, "more.yaml": Resources.secret("more", "env: MORE")])
        try await world.repository.git("branch", "--force", "main", "other")
        try await sidecar.log.line(with: "\"message\":\"applied\"", "\"created\":\"1\"")
        #expect(await sidecar.stop() == 0)
    }

    @Test func `so many requests are under way at a time, over all subscriptions`() async throws {
        let gate = Gate()
        let receiver = try StubReceiver { _, _ in
            gate.wait()
            return .init()
        }
        defer { gate.open() }
        var files = ["base.yaml": Resources.base]
        for number in 1...4 {
            files["\(number).yaml"] = Resources.subscription("erp-\(number)", to: receiver.url)
        }
        let world = try await Workspace(files)
        let (sidecar, port) = try await world.readySidecar(["--max-in-flight", "1"])
        try await world.send(to: port)
        try await receiver.requests(1)
        let metrics = try await HTTPExchange.get("/metrics", port: sidecar.adminPort).text
        let underWay = metrics.split(separator: "\n").filter {
            $0.hasPrefix("zentra_sync_in_flight_deliveries{") && !$0.hasSuffix(" 0")
        }
        #expect(underWay.count == 1 && underWay.allSatisfy { $0.hasSuffix(" 1") }, "\(underWay)")
        #expect(receiver.requests.count == 1)
        gate.open()
        try await receiver.requests(4)
        #expect(await sidecar.stop() == 0)
    }

    @Test func `a receiver that does not answer holds up the end no longer than allowed`() async throws {
        let gate = Gate()
        let receiver = try StubReceiver { _, earlier in
            if earlier == 0 { gate.wait() }
            return .init()
        }
        defer { gate.open() }
        let world = try await Workspace(receiver)
        let (sidecar, port) = try await world.readySidecar(["--shutdown-timeout", "100ms"])
        for _ in 0..<5 { try await world.send(to: port) }
        let ids = try await receiver.requests(5).map(\.deliveryID)
        // Nobody opens the gate before the process has ended.
        #expect(await sidecar.stop() == 0)
        // Nothing but its log: what was cut off is told of while there is somebody to tell.
        #expect(sidecar.log.all.allSatisfy { $0.hasPrefix("{") })
        let (next, _) = try await world.readySidecar()
        #expect(Set(try await receiver.requests(10).dropFirst(5).map(\.deliveryID)) == Set(ids))
        #expect(await next.stop() == 0)
    }

    @Test(.enabled(if: TestCommand.path(of: "python3") != nil, "needs python3"))
    func `what cannot be recorded until the end is told, and sent again by the next one`() async throws {
        let gate = Gate()
        let receiver = try StubReceiver { _, earlier in
            if earlier == 0 { gate.wait() }
            return .init()
        }
        defer { gate.open() }
        let world = try await Workspace(receiver)
        @Sendable func change(_ sql: String) async throws {
            let script = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])"
            try await TestCommand.run(["python3", "-c", script, world.state, sql])
        }
        let (sidecar, port) = try await world.readySidecar(["--shutdown-timeout", "100ms"])
        try await world.send(to: port)
        let id = try await receiver.requests(1)[0].deliveryID
        // The disk is full, as far as attempts are concerned.
        try await change(
            """
            CREATE TRIGGER full BEFORE INSERT ON attempt BEGIN
                SELECT RAISE(ABORT, 'database or disk is full');
            END;
            """)
        gate.open()
        try await sidecar.log.line(with: "cannot record an attempt; trying again")
        #expect(await sidecar.stop() == 1)
        try await sidecar.log.line(
            with:
                "error: cannot record what became of 1 request: the state cannot be written: database or disk"
        )
        try await sidecar.log.line(
            with: "hint: when that is mended, the next start makes these requests again")
        try await change("DROP TRIGGER full;")
        let (next, _) = try await world.readySidecar()
        #expect(try await receiver.requests(2)[1].deliveryID == id)
        #expect(await next.stop() == 0)
    }
}
