internal import Expressions
internal import JSON
package import Resources

/// A revision of a workflow, compiled: what the engine runs. Immutable; made once for each digest and shared by all runs of
/// the revision.
package final class WorkflowDefinition: Sendable {
    package let name: String
    /// Of the canonical form; a run keeps it.
    package let digest: ResourceDigest
    package let spec: WorkflowSpec

    let steps: [StepDefinition]
    let blocks: [Block]
    let byID: [String: Int]
    /// Conditions of the triggers, in their order.
    let conditions: [CompiledExpression?]
    let concurrencyKey: CompiledExpression?
    let dedupeKey: CompiledExpression?
    let vars: CompiledTree
    private let phases: [RunPhase: Int]
    private let hasLoops: Bool

    /// - Throws: everything that does not compile.
    package init(name: String, digest: ResourceDigest, spec: WorkflowSpec) throws(DefinitionError) {
        var compiler = DefinitionCompiler()
        var phases: [RunPhase: Int] = [:]
        phases[.steps] = compiler.block(spec.steps, .phase(.steps))
        phases[.onFailure] = compiler.block(spec.onFailure, .phase(.onFailure))
        phases[.finally] = compiler.block(spec.finally, .phase(.finally))
        var conditions: [CompiledExpression?] = []
        for (number, trigger) in spec.triggers.enumerated() {
            conditions.append(compiler.condition(trigger.condition, "triggers[\(number)].if"))
        }
        concurrencyKey = compiler.expression(spec.concurrency?.key, "concurrency.key")
        dedupeKey = compiler.expression(spec.dedupe?.key, "dedupe.key")
        let vars = compiler.tree(.object(spec.vars), "vars")
        guard compiler.problems.isEmpty, let vars else {
            throw DefinitionError(problems: compiler.problems)
        }
        self.name = name
        self.digest = digest
        self.spec = spec
        self.vars = vars
        self.conditions = conditions
        self.phases = phases
        steps = compiler.steps.compactMap { $0 }
        blocks = compiler.blocks
        byID = compiler.byID
        hasLoops = steps.contains { !$0.loops.isEmpty }
    }

    /// Of a resource of the kind `Workflow`.
    package convenience init(_ resource: Resource) throws(DefinitionError) {
        guard case .workflow(let spec) = resource.spec else {
            throw DefinitionError(problems: [
                DefinitionError.Problem(place: "kind", message: "is `\(resource.id.kind)`, not `Workflow`")
            ])
        }
        try self.init(name: resource.id.name, digest: resource.digest, spec: spec)
    }

    /// The ids of all steps, in the order of the file.
    package var stepIDs: [String] { steps.map(\.id) }

    /// Whether one input never goes through many steps: there are few, and no loops.
    package var isShort: Bool { steps.count <= 50 && !hasLoops }

    /// Whether its first step is about nothing but the run itself.
    package var beginsAlone: Bool {
        guard let first = blocks[block(of: .steps)].steps.first else { return true }
        return steps[first].action.isOfItsRun
    }

    func block(of phase: RunPhase) -> Int { phases[phase] ?? 0 }

    func step(_ address: StepAddress) -> Int? {
        guard let index = byID[address.step], steps[index].loops.count == address.iteration.count else {
            return nil
        }
        return index
    }

    func address(_ index: Int, _ iteration: [Int]) -> StepAddress {
        StepAddress(steps[index].id, iteration: Array(iteration.prefix(steps[index].loops.count)))
    }

    /// Whether a step stands somewhere inside of another one.
    func isInside(_ inner: Int, of outer: Int) -> Bool {
        var current = blocks[steps[inner].block].owner.step
        while let step = current {
            if step == outer { return true }
            current = blocks[steps[step].block].owner.step
        }
        return false
    }
}
