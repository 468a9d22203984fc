import JSON
import TestSupport
import Testing

@Suite("What `status` says of receivers", .timeLimit(.minutes(5)))
struct ReceiverStatusTests {
    private func run(_ arguments: [String], in world: Workspace) async throws -> ProductBinary.Result {
        try await ProductBinary.run(arguments, in: world.folder.path, environment: world.environment)
    }

    @Test func `one that is gone is seen beside the sidecar and from elsewhere, a suspended one also later`()
        async throws
    {
        let receiver = try StubReceiver { _, _ in .init(410) }
        let world = try await Workspace([
            "base.yaml": Resources.secret("erp-signing", "env: ERP_SECRET")
                + Resources.secret("desk-token", "env: DESK_TOKEN")
                + Resources.token("desk", "desk-token", "events:write, config:read"),
            "erp.yaml": Resources.subscription(to: receiver.url),
            "idle.yaml": Resources.subscription("idle", to: receiver.url, more: "suspend: true"),
        ])
        let (sidecar, port) = try await world.readySidecar(interval: "1h")
        func conditions() async throws -> [String] {
            let resources = try await world.status()["resources"]?.array ?? []
            return resources.filter { $0["kind"] == "Subscription" }.map { $0["condition"]?.string ?? "" }
        }
        #expect(try await conditions() == ["Ready", "Suspended"])
        try await world.send(to: port)
        try await receiver.requests(1)
        while try await conditions() != ["ReceiverGone", "Suspended"] { try Task.checkCancellation() }
        try world.folder.write(Workspace.token + "\n", to: "token", mode: 0o600)
        let server = [
            "--server", "http://127.0.0.1:\(port)", "--token-file", "token", "--state", "nowhere.db",
        ]
        for format in ["human", "json"] {
            let arguments = ["status", "--format", format]
            let here = try await run(arguments, in: world)
            let there = try await run(arguments + server, in: world)
            #expect(here.errors.isEmpty)
            for result in [here, there] {
                #expect(result.status == 0, "\(result)")
                #expect(result.output.contains("ReceiverGone"), "\(result)")
                #expect(result.output.contains("the receiver answered 410; circuit breaker open until 2"))
            }
        }
        #expect(await sidecar.stop() == 0)
        #expect(try await conditions() == ["Ready", "Suspended"], "the state alone")
    }
}
