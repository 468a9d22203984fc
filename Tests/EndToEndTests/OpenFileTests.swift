import TestSupport
import Testing

/// What the limit of open files (`ulimit -n`) means for the sidecar.
@Suite("Open files", .timeLimit(.minutes(5)))
struct OpenFileTests {
    @Test func `the limit is raised as far as the process may`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let sidecar = try sidecar(of: world, limit: "256:2048")
        let metrics = try await HTTPExchange.get("/metrics", port: sidecar.adminPort).text
        #expect(metrics.contains("\nprocess_max_fds 2048\n"))
        #expect(await sidecar.stop() == 0)
    }

    /// A connection that cannot be opened would be a failure of its receiver, and nobody could be answered.
    @Test func `requests leave room for those who call`() async throws {
        let gate = Gate()
        let receiver = try StubReceiver { _, _ in
            gate.wait()
            return .init()
        }
        defer { gate.open() }
        let names = (1...60).map { "receiver-\($0)" }
        let subscriptions = names.map { Resources.subscription($0, to: receiver.url) }.joined()
        let world = try await Workspace(["base.yaml": Resources.base, "all.yaml": subscriptions])
        let sidecar = try sidecar(of: world, limit: "96:96")
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"")
        try await sidecar.log.line(with: "fewer requests at a time than", "\"requests\":\"24\"")
        try await world.send(to: sidecar.port)
        // A quarter is kept for retries.
        try await receiver.requests(18)
        try await world.send(to: sidecar.port)
        gate.open()
        let requests = try await receiver.requests(120)
        #expect(requests.allSatisfy { $0["X-Zentra-Attempt"] == "1" })
        #expect(await sidecar.stop() == 0)
    }

    /// - Parameter limit: as `prlimit` takes it.
    private func sidecar(of world: Workspace, limit: String) throws -> SidecarProcess {
        try SidecarProcess(
            ["--repo", world.repository.path] + Workspace.openNetwork, in: world.folder.path,
            environment: world.environment, wrapper: ["prlimit", "--nofile=\(limit)"])
    }
}
