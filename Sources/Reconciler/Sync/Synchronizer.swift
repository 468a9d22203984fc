package import Logging
package import Resources
package import Store

/// Brings the live state to what the source says, one round at a time.
///
/// A round: fetch, look whether anything can have changed, read, plan, check, apply, record. Whatever goes wrong
/// leaves the last good configuration running, and the state says why.
package actor Synchronizer {
    package struct Configuration: Sendable {
        /// Version of the program and the options that change what files mean.
        package var rules: String
        package var safety: SafetyOptions
        /// Whose overlays and values count.
        package var environment: String?
        /// Person or process, for the history.
        package var appliedBy: String
        /// How often the live set itself is compared although nothing seems to have changed.
        package var driftInterval = Duration.seconds(600)

        package init(rules: String, safety: SafetyOptions, appliedBy: String) {
            self.rules = rules
            self.safety = safety
            self.appliedBy = appliedBy
        }
    }

    /// Called after every apply, so that the runtime looks at once; a lost call costs latency only.
    package typealias Nudge = @Sendable (Int64) -> Void

    private let configuration: Configuration
    private let checker: ExpressionChecker
    private let source: DesiredSource
    private let store: Store
    private let applier: Applier
    private let clock: any WallClock
    private let logger: Logger
    private let onApplied: Nudge
    private let onReport: @Sendable (CommitReport) -> Void
    private var reader: ConfigurationReader
    /// What the last complete comparison found; answers again as long as the key is the same.
    private var settled: (key: NoopKey, commit: String, outcome: SyncOutcome)?
    private var lastComparison: UnixTime?
    /// The live set as the last round left it, and the desired state that it is; nil when the next one has to read it.
    private var knownLive: (configuration: LiveConfiguration, desired: DesiredState?)?
    /// The files that the last round left live, and what was suspended then; nil after a round that left others.
    private var lastLive: (contentKey: String, policy: String)?

    package init(
        _ configuration: Configuration, source: DesiredSource, store: Store, holder: Lease.Holder,
        checker: ExpressionChecker = .compiling, clock: any WallClock = SystemClock(),
        isAlive: @escaping @Sendable (Int32) -> Bool = Lease.Holder.isAlive, logger: Logger,
        onApplied: @escaping Nudge = { _ in }, onReport: @escaping @Sendable (CommitReport) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.checker = checker
        self.source = source
        self.store = store
        self.clock = clock
        self.logger = logger
        self.onApplied = onApplied
        self.onReport = onReport
        reader = Self.newReader(configuration, checker)
        applier = Applier(store: store, holder: holder, clock: clock, isAlive: isAlive) { warning in
            logger.warning("\(warning)")
        }
    }

    /// One round. Records what it came to; never throws, because a failure is an outcome like any other.
    package func runOnce() async -> SyncOutcome {
        var outcome: SyncOutcome
        var round: Round?
        do {
            (outcome, round) = try await self.round()
        } catch {
            outcome = .failed(SyncFailure.wrapping(error, .state))
        }
        // A round that a shutdown cut short says nothing about the source.
        if Task.isCancelled && outcome.isFailure { return outcome }
        do {
            try await record(outcome, round)
        } catch {
            outcome = .failed(SyncFailure(.state, "cannot record the result of a sync: \(error)"))
        }
        lastLive = outcome.isLive ? round.map { ($0.contentKey, $0.policy) } : nil
        log(outcome)
        if let report = CommitReport(outcome) { onReport(report) }
        return outcome
    }

    /// What a round works with.
    private struct Round {
        let snapshot: SourceSnapshot
        /// Of the files.
        let contentKey: String
        /// What is stopped.
        let suspensions: [Suspension]
        /// What decides about commits beside their files: who may sign, what is suspended.
        let policy: String
        let key: NoopKey
        let basis: SyncBasis
        /// Whether the live set itself is looked at.
        let isComparison: Bool
        /// Whether everything that the files say can be live then.
        var isWhole: Bool { suspensions.isEmpty }
    }

    private func round() async throws -> (SyncOutcome, Round) {
        let snapshot: SourceSnapshot
        do {
            snapshot = try await source.fetch()
        } catch {
            throw SyncFailure.wrapping(error, .fetch)
        }
        let basis = try await store.syncBasis()
        let round = try await round(snapshot, basis, isComparison: isComparisonDue())
        if !round.isComparison {
            if basis.noopKey == round.key.text,
                try await isBeyondDoubt(snapshot, applied: basis.appliedCommit)
            {
                return (.upToDate(snapshot.revision), round)
            }
            if let settled, settled.key == round.key, settled.commit == snapshot.revision.commit {
                return (settled.outcome, round)
            }
        }
        if let report = CommitReport.pending(snapshot.revision) { onReport(report) }
        let outcome = await compared(round)
        lastComparison = clock.now()
        settled = outcome.isSettled ? (round.key, snapshot.revision.commit, outcome) : nil
        return (outcome, round)
    }

    /// Whether a commit that changes no file needs no look at itself. Otherwise a rewritten history, or a commit that
    /// nobody signed, could become the applied one in passing, and what comes after it would be measured by it.
    private func isBeyondDoubt(_ snapshot: SourceSnapshot, applied: String) async throws -> Bool {
        if applied == snapshot.revision.commit || applied.isEmpty { return true }
        guard snapshot.verification == nil else { return false }
        if configuration.safety.acceptsRewrittenHistory { return true }
        return try await snapshot.history(applied) != .rewritten
    }

    private func round(
        _ snapshot: SourceSnapshot, _ basis: SyncBasis, isComparison: Bool
    ) async throws -> Round {
        let suspensions = try await store.suspensions(now: clock.now())
        let contentKey = reader.contentKey(snapshot)
        let policy =
            ([snapshot.verification?.id ?? ""] + suspensions.map { "\($0.target.text) \($0.summary)" })
            .joined(separator: "\n")
        return Round(
            snapshot: snapshot, contentKey: contentKey, suspensions: suspensions, policy: policy,
            key: NoopKey(contentKey: contentKey, liveDigest: basis.liveDigest, policy: policy), basis: basis,
            isComparison: isComparison)
    }

    /// Whether the live set itself has to be looked at, although nothing seems to have changed.
    private func isComparisonDue() -> Bool {
        let now = clock.now()
        guard let lastComparison else {
            lastComparison = now
            return false
        }
        // A clock that was set back makes it due as well.
        return now < lastComparison || now - lastComparison >= configuration.driftInterval
    }
}

extension Synchronizer {
    private func compared(_ round: Round) async -> SyncOutcome {
        do {
            return try await compareAndApply(round)
        } catch {
            return .failed(SyncFailure.wrapping(error, .state, commit: round.snapshot.revision.commit))
        }
    }

    private func compareAndApply(_ round: Round) async throws -> SyncOutcome {
        // Another process may apply between the plan and its apply; a second plan then sees what it did.
        for _ in 0..<2 {
            let live = try await live(round)
            // Whatever happens now, the next look at it reads it, unless this one ends well.
            knownLive = nil
            let report = try await plan(round, live)
            guard report.refusals.isEmpty else { return .held(report.plan, report.refusals) }
            if report.plan.isEmpty {
                if report.plan.withheld.isEmpty { knownLive = (live.configuration, report.desired) }
                return .upToDate(round.snapshot.revision)
            }
            if let stop = round.suspensions.first(where: { $0.target == .all }) {
                return .held(report.plan, [Safety.suspended(stop)])
            }
            if let outcome = try await apply(report.plan, to: live.configuration, of: round) {
                if case .applied(let plan, let serial) = outcome, plan.withheld.isEmpty {
                    knownLive = (live.configuration.applying(plan, serial: serial), report.desired)
                }
                return outcome
            }
        }
        throw SyncFailure(
            .stale,
            "the live state changed while commit \(round.snapshot.revision.commit.prefix(7)) was applied",
            commit: round.snapshot.revision.commit)
    }

    /// What the plan is made against: as this process left it, or as the state has it.
    private func live(_ round: Round) async throws -> LiveState {
        var live: LiveState
        if let knownLive, !round.isComparison, knownLive.configuration.serial == round.basis.serial {
            live = LiveState(configuration: knownLive.configuration, commit: round.basis.appliedCommit)
            live.contentKey = round.basis.contentKey
            live.isVerified = true
            live.desired = knownLive.desired
        } else {
            let commit = try await store.syncBasis().appliedCommit
            live = LiveState(configuration: try await store.liveConfiguration(), commit: commit)
            live.contentKey = round.basis.contentKey
        }
        live.suspensions = round.suspensions
        if let lastLive, lastLive == (round.contentKey, round.policy) { live.contentKey = round.contentKey }
        return live
    }

    private func plan(_ round: Round, _ live: LiveState) async throws -> PlanReport {
        let snapshot = round.snapshot
        let now = clock.now()
        let damped = DriftDamping.damped(try await store.drifts(now: now), now: now)
        // Taken out, because the actor must not be held across the read, and a copy would be one of all that it knows;
        // what it learned is kept also when it fails.
        var reader = Self.newReader(configuration, checker)
        swap(&reader, &self.reader)
        defer { self.reader = reader }
        do {
            let report = try await PlanReport.make(
                snapshot, reader: &reader, live: live, options: configuration.safety, damping: damped)
            // What this process refuses is told with each attempt, and what its options open is fine.
            let warnings = report.warnings.filter { $0.code != .networkPolicy }
            warn(reader.skipped + warnings.map { "\($0.position): \($0.message)" }, of: snapshot)
            return report
        } catch let error as InvalidConfiguration {
            throw SyncFailure(
                .invalid, error.summary, diagnostics: error.errors, commit: snapshot.revision.commit)
        } catch {
            throw SyncFailure.wrapping(error, .read, commit: snapshot.revision.commit)
        }
    }

    /// One that knows nothing.
    private static func newReader(
        _ configuration: Configuration, _ checker: ExpressionChecker
    ) -> ConfigurationReader {
        ConfigurationReader(
            checker: checker, environment: configuration.environment, rules: configuration.rules)
    }

    private func warn(_ warnings: [String], of snapshot: SourceSnapshot) {
        for warning in warnings.prefix(Self.loggedDiagnostics) {
            logger.warning("\(warning)", metadata: ["commit": "\(snapshot.revision.commit)"])
        }
    }

    /// nil when the plan became stale.
    private func apply(_ plan: Plan, to live: LiveConfiguration, of round: Round) async throws -> SyncOutcome?
    {
        let key = NoopKey(
            contentKey: round.contentKey, liveDigest: plan.resultDigest, policy: round.policy)
        let context = Applier.Context(
            source: source.description, appliedBy: configuration.appliedBy, noopKey: key.text,
            contentKey: round.isWhole ? round.contentKey : "")
        do {
            switch try await applier.apply(
                plan, context: context, options: configuration.safety, live: live.resources)
            {
            case .applied(let serial):
                onApplied(serial)
                return .applied(plan, serial: serial)
            case .upToDate: return .upToDate(plan.revision)
            case .refused(let refusals): return .held(plan, refusals)
            case .stale: return nil
            case .leaseLost(let loss):
                throw SyncFailure(
                    .lease, loss.description, hint: "the next round tries again",
                    commit: plan.revision.commit)
            }
        } catch let error as StoreError {
            if case .leaseHeld = error {
                throw SyncFailure(.lease, error.description, hint: error.hint, commit: plan.revision.commit)
            }
            throw error
        }
    }
}

extension Synchronizer {
    private func record(_ outcome: SyncOutcome, _ round: Round?) async throws {
        let now = clock.now()
        switch outcome {
        case .applied: break  // The apply recorded itself in its own transaction.
        case .upToDate(let revision):
            try await store.recordUpToDate(
                source: source.description, commit: revision.commit, subject: revision.subject,
                noopKey: round?.key.text, contentKey: round.map { $0.isWhole ? $0.contentKey : "" }, now: now)
        case .held(let plan, let refusals):
            try await store.recordNotApplied(
                .held, source: source.description, commit: plan.revision.commit,
                reason: refusals.first?.code.rawValue ?? "",
                message: refusals.map(\.message).joined(separator: "; "), now: now)
        case .failed(let failure):
            try await store.recordNotApplied(
                .failed, source: source.description, commit: failure.commit, reason: failure.reason.rawValue,
                message: failure.message,
                now: now)
        }
    }

    private func log(_ outcome: SyncOutcome) {
        switch outcome {
        case .upToDate(let revision):
            logger.debug("up to date", metadata: ["commit": "\(revision.commit)"])
        case .applied(let plan, let serial):
            logger.info(
                "applied",
                metadata: [
                    "commit": "\(plan.revision.commit)", "serial": "\(serial)",
                    "created": "\(plan.count(.create))",
                    "updated": "\(plan.count(.update))", "deleted": "\(plan.count(.delete))",
                ])
            for change in plan.changes where change.isDrift {
                logger.warning(
                    "healed: it was changed outside of git",
                    metadata: ["resource": "\(change.id)", "action": "\(change.action.rawValue)"])
            }
        case .held(let plan, let refusals):
            for refusal in refusals {
                logger.warning(
                    "held: \(refusal.message)",
                    metadata: [
                        "commit": "\(plan.revision.commit)", "reason": "\(refusal.code.rawValue)",
                        "hint": "\(refusal.hint)",
                    ])
            }
        case .failed(let failure):
            logger.error(
                "sync failed: \(failure.message)",
                metadata: ["reason": "\(failure.reason.rawValue)", "commit": "\(failure.commit ?? "")"])
            for diagnostic in failure.diagnostics.prefix(Self.loggedDiagnostics) {
                logger.error(
                    "\(diagnostic.position): \(diagnostic.message)",
                    metadata: ["code": "\(diagnostic.code.rawValue)"])
            }
        }
    }

    /// `validate` shows them all.
    private static let loggedDiagnostics = 20
}
