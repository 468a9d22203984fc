package import Store

/// What became of an apply.
package enum ApplyOutcome: Sendable, Equatable {
    /// The plan is live, durable, under this serial.
    case applied(serial: Int64)
    /// There was nothing to change; the commit is recorded.
    case upToDate(serial: Int64)
    /// Safety rules forbid it; nothing was written.
    case refused([Refusal])
    /// Something else was applied since the plan was made; nothing was written.
    case stale(planned: Int64, live: Int64)
    /// The lease was not renewed, and another apply took it over; nothing was written.
    case leaseLost(LeaseLoss)
}

/// Makes a plan live: under the lease, after the safety rules, in one transaction.
package struct Applier: Sendable {
    /// What goes with a plan into the history.
    package struct Context: Sendable {
        /// Repository, ref and path, without credentials.
        package var source: String
        /// Person or process.
        package var appliedBy: String
        /// What makes the next poll of this source a no-op; nil makes it look.
        package var noopKey: String?
        /// Which files are live then; nil for a saved plan, which does not tell.
        package var contentKey: String?
        /// Set for a rollback: the pin that goes into effect with it.
        package var pin: Suspension?

        package init(
            source: String, appliedBy: String, noopKey: String? = nil, contentKey: String? = nil,
            pin: Suspension? = nil
        ) {
            self.source = source
            self.appliedBy = appliedBy
            self.noopKey = noopKey
            self.contentKey = contentKey
            self.pin = pin
        }
    }

    private let store: Store
    private let lease: LeaseKeeper
    private let clock: any WallClock

    /// - Parameter warn: told when the lease cannot be renewed or given back, and when it can again.
    package init(
        store: Store, holder: Lease.Holder, clock: any WallClock = SystemClock(),
        isAlive: @escaping @Sendable (Int32) -> Bool = Lease.Holder.isAlive,
        warn: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.clock = clock
        lease = LeaseKeeper(store: store, holder: holder, isAlive: isAlive, clock: clock, warn: warn)
    }

    /// Applies the plan, all of it or nothing.
    ///
    /// - Parameters:
    ///   - history: how the plan's commit relates to the applied one; an explicit apply passes `.none`.
    ///   - live: what is live at the plan's serial; nil when it has to be read.
    /// - Throws: `StoreError`, among them `leaseHeld` when another apply is under way.
    package func apply(
        _ plan: Plan, context: Context, history: CommitHistory = .none, options: SafetyOptions,
        live known: [LiveResource]? = nil
    ) async throws -> ApplyOutcome {
        let started = clock.now()
        return try await lease.withLease { lease, renewal in
            let serial = try await store.serial()
            guard serial == plan.live.serial else {
                return .stale(planned: plan.live.serial, live: serial)
            }
            // Only for deletions do the rules look at what is live; the transaction checks the serial again.
            var live: [LiveResource] = []
            if plan.count(.delete) > 0 {
                if let known { live = known } else { live = try await store.liveConfiguration().resources }
            }
            // A rollback replaces an earlier pin; nothing else gets past one.
            let suspensions = try await store.suspensions(now: clock.now()).filter {
                context.pin == nil || $0.target != .rollback
            }
            let refusals = Safety.refusals(
                plan, live: live, history: history, options: options, suspensions: suspensions)
            guard refusals.isEmpty else { return .refused(refusals) }
            var change = ConfigurationChange(plan, context: context)
            change.isOfEditedState = try await isEdited(plan)
            switch try await store.apply(
                change, lease: lease, started: started, now: clock.now())
            {
            case .applied(let serial):
                return plan.isEmpty ? .upToDate(serial: serial) : .applied(serial: serial)
            case .stale(let serial): return .stale(planned: plan.live.serial, live: serial)
            case .leaseLost:
                return .leaseLost(LeaseLoss(holder: try await store.lease(), failure: renewal.failure))
            }
        }
    }

    /// Whether the plan undoes what was done to the state itself, rather than an apply from elsewhere.
    private func isEdited(_ plan: Plan) async throws -> Bool {
        guard plan.changes.contains(where: \.isDrift) else { return false }
        let basis = try await store.syncBasis()
        let rows = try await store.liveConfiguration().resources
        return LiveDigest.of(rows.map { ($0.kind, $0.name, $0.digest) }) != basis.liveDigest
    }
}

extension ConfigurationChange {
    fileprivate init(_ plan: Plan, context: Applier.Context) {
        self.init(
            expectedSerial: plan.live.serial, commit: plan.revision.commit, subject: plan.revision.subject,
            planDigest: plan.digest, appliedBy: context.appliedBy, liveDigest: plan.resultDigest,
            source: context.source)
        upserts = plan.changes.compactMap { $0.live(commit: plan.revision.commit) }
        deletions = plan.changes.filter { $0.action == .delete }.map {
            Deletion(kind: $0.kind, name: $0.name)
        }
        created = plan.count(.create)
        drifted = plan.changes.filter(\.isDrift).map { Name(kind: $0.kind, name: $0.name) }
        noopKey = context.noopKey
        contentKey = context.contentKey ?? ""
        suspension = context.pin
        if context.pin != nil {
            result = .rollback
        } else if !drifted.isEmpty && drifted.count == plan.changes.count {
            result = .healed
        }
    }
}

extension PlannedChange {
    /// As it becomes live; nil for a deletion.
    func live(commit: String) -> LiveResource? {
        desired.map {
            LiveResource(
                kind: kind, name: name, canonical: $0.canonical, digest: $0.digest,
                isProtected: $0.isProtected,
                file: $0.file, line: $0.line, commit: commit)
        }
    }
}
