import Testing
import WorkflowSimulation

/// The first few of the worlds that `make simulate` plays by the million steps.
@Suite struct SimulationTests {
    @Test(arguments: 0..<8 as Range<UInt64>)
    func `random workflows survive crashes, late and doubled inputs, and a clock that jumps`(
        part: UInt64
    ) throws {
        var steps = 0
        for seed in part * 20..<(part + 1) * 20 {
            do { steps += try Simulation.play(seed: seed) } catch {
                Issue.record("seed \(seed): \(error); `make simulate SEED=\(seed)` shows how it came to it")
            }
        }
        #expect(steps > 100)
    }
}
