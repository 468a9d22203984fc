package import Resources
package import Store

/// A plan with what stands in its way: what `plan` prints and `apply` acts on.
package struct PlanReport: Sendable {
    package let plan: Plan
    package let refusals: [Refusal]
    /// Warnings of the files that were read.
    package let warnings: [Diagnostic]
    /// What the files ask for; nil for a plan that was not made of files.
    let desired: DesiredState?

    package init(
        plan: Plan, refusals: [Refusal], warnings: [Diagnostic] = [], desired: DesiredState? = nil
    ) {
        self.plan = plan
        self.refusals = refusals
        self.warnings = warnings
        self.desired = desired
    }

    /// Compares a snapshot with a live state.
    ///
    /// - Parameter damping: what is withheld beside the suspended resources as long as git has not changed it.
    /// - Throws: `InvalidConfiguration` with all errors of the files; what the source throws.
    package static func make(
        _ snapshot: SourceSnapshot, reader: inout ConfigurationReader, live: LiveState,
        options: SafetyOptions, damping: [String: UnixTime] = [:]
    ) async throws -> PlanReport {
        let loaded = try await reader.read(snapshot)
        let desired = try loaded.desiredState()
        let isApplied = !live.contentKey.isEmpty && live.contentKey == reader.contentKey(snapshot)
        var withholding = Withholding(live.suspensions)
        for (id, next) in isApplied ? damping : unchanged(damping, desired, live.configuration) {
            withholding.add(id, reason: "changed outside of git again and again; healed next at \(next)")
        }
        let plan = Planner.plan(
            desired, live: live, revision: snapshot.revision, withholding: withholding, isApplied: isApplied)
        var refusals = try await unverified(snapshot, live)
        let history = live.commit.isEmpty ? .none : try await snapshot.history(live.commit)
        refusals += Safety.refusals(
            plan, live: live.configuration.resources, history: history, options: options,
            suspensions: live.suspensions)
        refusals += ReferenceCheck.refusals(plan, desired, live.configuration.resources)
        return PlanReport(
            plan: plan, refusals: refusals, warnings: loaded.warnings, desired: desired)
    }

    /// Those whose wanted form is the one that was applied last: what a commit changes does not wait.
    private static func unchanged(
        _ damping: [String: UnixTime], _ desired: DesiredState, _ live: LiveConfiguration
    ) -> [String: UnixTime] {
        guard !damping.isEmpty else { return [:] }
        let applied = Dictionary(live.resources.map { ("\($0.kind)/\($0.name)", $0.digest) }) { first, _ in
            first
        }
        let wanted = desired.resources.filter { damping[$0.id.description] != nil }
        return Dictionary(
            wanted.compactMap { resource in
                let id = resource.id.description
                guard let next = damping[id], applied[id] == resource.digest.hex else { return nil }
                return (id, next)
            }
        ) { first, _ in first }
    }

    /// The commits since the applied one that nobody signed who may.
    private static func unverified(_ snapshot: SourceSnapshot, _ live: LiveState) async throws -> [Refusal] {
        guard let verification = snapshot.verification else { return [] }
        return try await verification.unverified(live.commit).prefix(refusedCommits).map { commit in
            Refusal(
                .signature,
                "commit \(commit.id.prefix(7)) “\(ShownText.short(commit.subject))” is not trusted: \(commit.reason)",
                hint:
                    "sign it with the key of an allowed signer, or add the key to the file of --verify-signatures"
            )
        }
    }

    private static let refusedCommits = 10

    /// The same with another telling of the same plan.
    package func replacing(_ plan: Plan) -> PlanReport {
        PlanReport(plan: plan, refusals: refusals, warnings: warnings, desired: desired)
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
    package init(_ saved: SavedPlan, live: LiveState, options: SafetyOptions) throws(StalePlan) {
        let serial = live.configuration.serial
        guard saved.plan.live.serial == serial else {
            throw StalePlan(planned: saved.plan.live.serial, live: serial)
        }
        self.init(
            plan: saved.plan,
            refusals: Safety.refusals(
                saved.plan, live: live.configuration.resources, history: .none, options: options,
                suspensions: live.suspensions))
    }
}
