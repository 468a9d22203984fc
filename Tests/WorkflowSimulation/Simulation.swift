import JSON
import TestSupport
package import WorkflowEngine

/// Plays random workflows through crashes, late and doubled inputs and a clock that jumps, against the oracle.
package enum Simulation {
    /// One world, with the same workflows and the same accidents for the same seed.
    ///
    /// - Parameter trace: gets what happened, also before a finding is thrown.
    /// - Returns: how many steps were committed.
    /// - Throws: ``Finding``
    @discardableResult
    package static func play(seed: UInt64, trace: ((String) -> Void)? = nil) throws -> Int {
        var generator = ModelGenerator(random: SeededRandom(seed: seed))
        let models = generator.workflows()
        let world = try World(models, random: SeededRandom(seed: generator.random.next()))
        if let trace {
            world.trace = []
            for model in models.joined() { trace(model.json.text) }
        }
        defer { world.trace?.forEach { trace?($0) } }
        try world.play()
        return world.count
    }

    /// The journals of all runs of a world, with their workflows.
    package static func histories(
        seed: UInt64
    ) throws -> [(definition: WorkflowDefinition, journal: [String])] {
        var generator = ModelGenerator(random: SeededRandom(seed: seed))
        let world = try World(generator.workflows(), random: SeededRandom(seed: generator.random.next()))
        try world.play()
        return world.order.map { ($0.workflow.definition, $0.journal) }
    }
}
