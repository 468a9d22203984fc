import Foundation
import Testing

@testable import WorkflowEngine

/// Random workflows against the oracle. `ZENTRA_SYNC_SIMULATION_SEED=n` plays one seed again,
/// `ZENTRA_SYNC_SIMULATION_STEPS=n` plays until that many steps were committed.
@Suite struct SimulationTests {
    private static func setting(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment["ZENTRA_SYNC_SIMULATION_" + name].flatMap { UInt64($0) }
    }

    @Test func `random workflows survive crashes, late and doubled inputs, and a clock that jumps`() throws {
        if let seed = Self.setting("SEED") {
            _ = try play(seed)
            return
        }
        let wanted = Int(Self.setting("STEPS") ?? 20_000)
        var (seed, steps): (UInt64, Int) = (0, 0)
        while steps < wanted {
            steps += try play(seed)
            seed += 1
        }
        print("simulated \(steps) steps of \(seed) workflows")
    }

    private func play(_ seed: UInt64) throws -> Int {
        do {
            var simulation = try Simulation(seed: seed)
            return try simulation.play()
        } catch {
            Issue.record("seed \(seed): \(error)")
            throw error
        }
    }
}
