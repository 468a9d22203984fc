package import Resources
package import Store

/// A plan with what stands in its way: what `plan` prints and `apply` acts on.
package struct PlanReport: Sendable {
    package let plan: Plan
    package let refusals: [Refusal]
    /// Warnings of the files that were read.
    package let warnings: [Diagnostic]

    package init(plan: Plan, refusals: [Refusal], warnings: [Diagnostic] = []) {
        self.plan = plan
        self.refusals = refusals
        self.warnings = warnings
    }

    /// Compares a snapshot with a live state.
    ///
    /// - Throws: `InvalidConfiguration` with all errors of the files; what the source throws.
    package static func make(
        _ snapshot: SourceSnapshot, reader: inout ConfigurationReader, live: LiveState, options: SafetyOptions
    ) async throws -> PlanReport {
        let loaded = try await reader.read(snapshot)
        let desired = try loaded.desiredState()
        let plan = Planner.plan(desired, live: live, revision: snapshot.revision)
        let history = live.commit.isEmpty ? .none : try await snapshot.history(live.commit)
        return PlanReport(
            plan: plan,
            refusals: Safety.refusals(
                plan, live: live.configuration.resources, history: history, options: options),
            warnings: loaded.warnings)
    }

    /// 3 when refused, which beats everything; 2 for changes when they are asked for; else 0.
    package func exitCode(isDetailed: Bool) -> Int32 {
        if !refusals.isEmpty { return 3 }
        return isDetailed && !plan.isEmpty ? 2 : 0
    }
}

extension PlanReport {
    /// A saved plan against the live state that it is about to be applied to.
    ///
    /// - Throws: ``StalePlan`` when the live state moved on.
    package init(_ saved: SavedPlan, live: LiveConfiguration, options: SafetyOptions) throws(StalePlan) {
        guard saved.plan.live.serial == live.serial else {
            throw StalePlan(planned: saved.plan.live.serial, live: live.serial)
        }
        self.init(
            plan: saved.plan,
            refusals: Safety.refusals(saved.plan, live: live.resources, history: .none, options: options))
    }
}
