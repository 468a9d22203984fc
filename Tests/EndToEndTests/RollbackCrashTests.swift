import Glibc
import JSON
import TestSupport
import Testing

@Suite("Killed while going back, or at any moment", .timeLimit(.minutes(5)))
struct RollbackCrashTests {
    private static let manySecrets = (0..<200).map { Resources.secret("s-\($0)", "env: S\($0)") }.joined()

    /// Revision 1 has 203 resources, revision 2 three of them.
    private func world() async throws -> Workspace {
        let world = try await Workspace(["base.yaml": Resources.base, "many.yaml": Self.manySecrets])
        try await world.apply()
        try await world.repository.commit("Fewer", ["many.yaml": ""])
        let apply = try await world.run(
            "apply", "--repo", world.repository.path, "--yes", "--allow-mass-delete")
        #expect(apply.status == 0, "\(apply)")
        return world
    }

    /// What is live is all of one revision, and the pin is there exactly when the old one is.
    private func expectWhole(_ world: Workspace, _ context: String) async throws {
        let status = try await world.status()
        let count = status["resources"]?.array?.count
        let pins = status["suspensions"]?.array?.map { $0["revision"]?.int } ?? []
        switch status["serial"]?.int {
        case 2: #expect(count == 3 && pins.isEmpty, "\(context): \(status.text)")
        case 3: #expect(count == 203 && pins == [1], "\(context): \(status.text)")
        default: Issue.record("\(context): \(status.text)")
        }
    }

    /// Stages by what is on disk: the state is opened, its log is there, pages of the transaction are in it.
    @Test(arguments: [0, 1, 30 << 10, 100 << 10, 150 << 10, 200 << 10])
    func `a rollback that is killed leaves the old revision with its pin, or the new one without`(
        bytes: Int
    ) async throws {
        let world = try await world()
        let rollback = try TestProcess(
            ["env", "--chdir=\(world.folder.path)", ProductBinary.path, "rollback", "1", "--yes"],
            environment: world.environment)
        async let end = rollback.end
        try await world.bytes(bytes, in: "zentra-sync.db-wal", unless: { rollback.hasEnded })
        rollback.signal(SIGKILL)
        _ = await end
        try await expectWhole(world, "\(bytes) bytes")

        let again = try await world.run("rollback", "1", "--yes")
        #expect(again.status == 0, "\(again)")
        let status = try await world.status()
        #expect(status["resources"]?.array?.count == 203)
        expectFreeLease(status, killed: [rollback.id])
        #expect(try await world.run("apply", "--repo", world.repository.path, "--yes").status == 3, "pinned")
        #expect(try await world.run("resume").status == 0)
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `a rollback that is killed at a random moment is whole`(seed: UInt64) async throws {
        let world = try await world()
        var moments = Moments(seed: seed)
        for round in 0..<3 {
            let rollback = try TestProcess(
                ["env", "--chdir=\(world.folder.path)", ProductBinary.path, "rollback", "1", "--yes"],
                environment: world.environment)
            await moments.pass()
            rollback.signal(SIGKILL)
            _ = await rollback.end
            try await expectWhole(world, "seed \(seed), round \(round)")
        }
        #expect(try await world.run("rollback", "1", "--yes").status == 0)
        #expect(try await world.status()["resources"]?.array?.count == 203)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `a sidecar that is killed at random moments follows the branch all the same`(seed: UInt64)
        async throws
    {
        let world = try await Workspace(["base.yaml": Resources.base, "many.yaml": Self.manySecrets])
        try await world.apply()
        var moments = Moments(seed: seed)
        var counts: Set<Int> = [203]
        var killed: [Int32] = []
        for round in 0..<6 {
            // Turn by turn a fifth of the secrets goes and comes, all at once.
            let kept = round.isMultiple(of: 2) ? 160 : 200
            let secrets = (0..<kept).map { Resources.secret("s-\($0)", "env: S\($0)") }.joined()
            try await world.repository.commit("Round \(round)", ["many.yaml": secrets])
            counts.insert(3 + kept)
            let sidecar = try world.sidecar()
            await moments.pass()
            await sidecar.kill()
            killed.append(sidecar.id)
            let status = try await world.status()
            let count = status["resources"]?.array?.count ?? 0
            #expect(counts.contains(count), "seed \(seed), round \(round): \(count), a mixture")
        }
        let (sidecar, port) = try await world.readySidecar()
        #expect(try await HTTPExchange.get("/readyz", port: port).status == 200)
        while try await world.status()["resources"]?.array?.count != 203 { try Task.checkCancellation() }
        #expect(await sidecar.stop() == 0)
        expectFreeLease(try await world.status(), killed: killed)
        let plan = try await world.run("plan", "--repo", world.repository.path, "--detailed-exitcode")
        #expect(plan.status == 0, "\(plan)")
        // A lease that a killed one left is in nobody's way.
        try await world.repository.commit("None", ["many.yaml": ""])
        let apply = try await world.run(
            "apply", "--repo", world.repository.path, "--yes", "--allow-mass-delete")
        #expect(apply.status == 0, "\(apply)")
        #expect(try await world.status()["lease"]?.isNull == true)
    }
}

/// Nobody has the lease, or one of those has it that were killed between its commit and giving the lease back: who
/// then finds nothing to do does not take it.
func expectFreeLease(_ status: JSONValue, killed: [Int32]) {
    let lease = status["lease"] ?? .null
    #expect(lease.isNull || killed.contains { lease["process"]?.int == Int($0) }, "\(lease.text)")
}

/// Random moments within the first tenths of a second of a process; the same choices for the same seed.
struct Moments {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    /// Lets a random number of turns of the scheduler pass: anything from before `main` to after the end.
    mutating func pass() async {
        for _ in 0..<random.pick(0...40_000) { await Task.yield() }
    }
}
