import Glibc
import JSON
import TestSupport
import Testing

@Suite("Killed in the middle", .timeLimit(.minutes(5)))
struct CrashTests {
    @Test func `every accepted event arrives although the sidecar is killed`() async throws {
        // The first process gets no further than what the receiver answers, and one window of requests beyond.
        let (gate, answered) = (Gate(), 100)
        let receiver = try StubReceiver { request, _ in
            if request.number > answered { gate.wait() }
            return .init()
        }
        let world = try await Workspace(receiver)
        let (first, port) = try await world.readySidecar()
        // What nobody has answered is not accepted; those events are handed in again, under the same id.
        let accepted = Watched<Set<String>>([])
        async let unanswered = send(Self.events, to: port, accepted)
        _ = try await accepted.wait { $0.count >= Self.events.count / 2 }
        try await receiver.requests(answered + 1)
        await first.kill()
        gate.open()
        let again = try await unanswered

        let (second, newPort) = try await world.readySidecar()
        #expect(try await send(again, to: newPort, accepted).isEmpty)
        #expect(accepted.value.count == Self.events.count)
        let requests = try await receiver.requests { Set($0.map(Self.event)).count == Self.events.count }
        #expect(Set(requests.map(Self.event)) == Set(Self.events))
        for (event, requests) in Dictionary(grouping: requests, by: Self.event) {
            #expect(Set(requests.map(\.deliveryID)).count == 1, "\(event) has one delivery")
            #expect(Set(requests.map(\.body)).count == 1, "\(event) has one body")
        }
        #expect(await second.stop() == 0)
        #expect(try await world.status()["resources"]?.array?.last?["pending"]?.int == 0)
    }

    @Test func `every ticket that was answered is there with its event and delivery, and nothing else is`()
        async throws
    {
        let receiver = try StubReceiver { _, _ in .init() }
        let records =
            Resources.secret("records-token", "env: RECORDS_TOKEN")
            + Resources.token(
                "records", "records-token", "records:read, records:write, events:read, deliveries:read")
        var world = try await Workspace(receiver, more: ["records.yaml": records])
        world.environment["RECORDS_TOKEN"] = "token-for-records"
        let (first, port) = try await world.readySidecar()
        let answered = Watched<Set<String>>([])
        async let creations: Void = create(200, port: port, answered)
        _ = try await answered.wait { $0.count >= 50 }
        await first.kill()
        try await creations

        let (second, newPort) = try await world.readySidecar()
        let tickets = try await all("/api/v1/tickets", port: newPort)
        let keys = Set(tickets.compactMap { $0["key"]?.string })
        #expect(answered.value.isSubset(of: keys))
        #expect(keys == Set((1...tickets.count).map { "INC-\($0)" }), "no gap")
        let events = try await all("/api/v1/events", port: newPort)
        #expect(Set(events.compactMap { $0["data"]?["key"]?.string }) == keys)
        #expect(events.count == tickets.count)
        #expect(try await all("/api/v1/deliveries", port: newPort).count == tickets.count)
        #expect(await second.stop() == 0)
    }

    /// Creates tickets, all at once; a connection that breaks is a creation that nobody has answered.
    private func create(_ count: Int, port: Int, _ answered: Watched<Set<String>>) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...count {
                group.addTask {
                    do {
                        let answer = try await HTTPExchange.post(
                            "/api/v1/tickets", port: port, token: "token-for-records",
                            body: "{\"subject\":\"Ticket \(number)\"}")
                        let key = try #require(answer.status == 201 ? answer.json["key"]?.string : nil)
                        answered.change { _ = $0.insert(key) }
                    } catch is HTTPExchange.Failure {
                        return
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Every item of a list, page by page.
    private func all(_ path: String, port: Int) async throws -> [JSONValue] {
        var items: [JSONValue] = []
        var cursor = ""
        repeat {
            let answer = try await HTTPExchange.get(
                "\(path)?limit=200\(cursor)", port: port, token: "token-for-records")
            let page = try answer.json
            items += page["items"]?.array ?? []
            cursor = page["nextCursor"]?.string.map { "&cursor=\($0)" } ?? ""
        } while !cursor.isEmpty
        return items
    }

    private static let events = (0..<500).map { "tkt_\($0)" }

    /// The ticket that a request tells of.
    private static func event(_ request: StubReceiver.Request) -> String {
        (try? JSONValue(parsing: request.body)["data"]?["id"]?.string) ?? ""
    }

    /// Hands events in, sixteen at a time. Returns those that nobody has answered.
    private func send(_ events: [String], to port: Int, _ accepted: Watched<Set<String>>) async throws
        -> [String]
    {
        try await withThrowingTaskGroup(of: String?.self) { group in
            var rest = events[...]
            var unanswered: [String] = []
            for _ in 0..<16 { next() }
            while let result = try await group.next() {
                result.map { unanswered.append($0) }
                next()
            }
            return unanswered

            func next() {
                guard let id = rest.popFirst() else { return }
                group.addTask {
                    let event = Resources.event(id: id, data: "{\"id\":\"\(id)\"}")
                    do {
                        let answer = try await HTTPExchange.post(
                            "/api/v1/events", port: port, token: Workspace.token, body: event)
                        #expect(answer.status == 202, "\(answer.text)")
                        accepted.change { _ = $0.insert(id) }
                        return nil
                    } catch is HTTPExchange.Failure {
                        return id
                    }
                }
            }
        }
    }

    @Test func `what was pending when the sidecar ended is sent by the next one`() async throws {
        let isUp = Watched(false)
        let receiver = try StubReceiver { _, _ in .init(isUp.value ? 200 : 503) }
        // More attempts than the first sidecar can use up, however slow its end is.
        let retry = "{maxAttempts: 100, initialBackoff: 1s, multiplier: 1, jitter: 0, maxBackoff: 1s}"
        let world = try await Workspace(receiver, retry: retry)
        let (first, port) = try await world.readySidecar()
        try await world.send(to: port)
        let id = try await receiver.requests(1)[0].deliveryID
        #expect(await first.stop() == 0)
        isUp.change { $0 = true }
        let (second, _) = try await world.readySidecar()
        let delivery = try await world.delivery(id) { $0["status"]?.string == "delivered" }
        #expect(delivery["id"]?.string == id)
        #expect(Set(receiver.requests.map(\.body)).count == 1)
        #expect(await second.stop() == 0)
    }

    @Test func `a request under way is finished before the sidecar ends`() async throws {
        let gate = Gate()
        let receiver = try StubReceiver { _, _ in
            gate.wait()
            return .init()
        }
        let world = try await Workspace(receiver)
        let (sidecar, port) = try await world.readySidecar(["--shutdown-timeout", "5m"])
        try await world.send(to: port)
        try await receiver.requests(1)
        sidecar.signal(SIGTERM)
        // Intake ends first.
        while (try? await HTTPExchange.get("/livez", port: port)) != nil { try Task.checkCancellation() }
        gate.open()
        #expect(await sidecar.end == 0)
        let list = try await world.run("deliveries", "list", "--format", "json")
        let items = try JSONValue(parsing: list.output)["items"]?.array ?? []
        #expect(items.map { $0["status"]?.string } == ["delivered"])
        #expect(receiver.requests.count == 1)
    }

    @Test(arguments: [
        (file: "zentra-sync.db", bytes: 0), (file: "zentra-sync.db.key", bytes: 0),
        (file: "zentra-sync.db.git", bytes: 0), (file: "zentra-sync.db-wal", bytes: 1),
        (file: "zentra-sync.db-wal", bytes: 100 << 10), (file: "zentra-sync.db-wal", bytes: 200 << 10),
    ])
    func `an apply that is killed leaves all of a commit or nothing of it`(mark: (file: String, bytes: Int))
        async throws
    {
        let world = try await Workspace(["base.yaml": Resources.base, "many.yaml": Self.manySecrets])
        let apply = try TestProcess(
            ["env", "--chdir=\(world.folder.path)", ProductBinary.path, "apply", "--repo"]
                + [world.repository.path, "--yes"], environment: world.environment)
        try await world.bytes(mark.bytes, in: mark.file)
        apply.signal(SIGKILL)
        _ = await apply.end

        let next = try await world.run("apply", "--repo", world.repository.path, "--yes")
        #expect(next.status == 0, "\(next)")
        let status = try await world.status()
        #expect(status["serial"]?.int == 1)
        #expect(status["resources"]?.array?.count == 203)
        expectFreeLease(status, killed: [apply.id])
    }

    @Test
    func `applies that are killed at random moments, one after the other, end in one of the two states`()
        async throws
    {
        let world = try await Workspace(["base.yaml": Resources.base, "many.yaml": Self.manySecrets])
        try await world.apply()
        var expected = 203
        var moments = Moments(seed: 4711)
        for round in 0..<12 {
            // Turn by turn the secrets go and come, all at once.
            try await world.repository.commit(
                "Round \(round)", ["many.yaml": round.isMultiple(of: 2) ? "" : Self.manySecrets])
            let target = round.isMultiple(of: 2) ? 3 : 203
            let apply = try TestProcess(
                ["env", "--chdir=\(world.folder.path)", ProductBinary.path, "apply", "--repo"]
                    + [world.repository.path, "--yes", "--allow-mass-delete"],
                environment: world.environment)
            await moments.pass()
            apply.signal(SIGKILL)
            _ = await apply.end
            let status = try await world.status()
            let count = status["resources"]?.array?.count
            #expect(count == expected || count == target, "round \(round): a mixture")
            if status["serial"]?.int == 0 { Issue.record("the state is empty") }
            let next = try await world.run(
                "apply", "--repo", world.repository.path, "--yes", "--allow-mass-delete")
            #expect(next.status == 0, "\(next)")
            expected = target
            #expect(try await world.status()["resources"]?.array?.count == target)
        }
    }

    @Test(arguments: [
        "\"listener\":\"admin\"", "\"listener\":\"public\"", "configuration is live", "applied",
    ])
    func `a sidecar that is killed is followed by a healthy one`(moment: String) async throws {
        let receiver = try StubReceiver()
        let world = try await Workspace(receiver)
        let killed = try world.sidecar()
        try await killed.log.line(with: moment)
        await killed.kill()
        let (sidecar, port) = try await world.readySidecar()
        #expect(try await HTTPExchange.get("/readyz", port: port).status == 200)
        try await world.send(to: port)
        try await receiver.requests(1)
        #expect(await sidecar.stop() == 0)
    }

    private static let manySecrets = (0..<200).map { Resources.secret("s-\($0)", "env: S\($0)") }.joined()
}
