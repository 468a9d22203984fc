import Testing

@testable import Store

extension FannedOutEvent {
    /// A `ticket.created` that goes to the named subscriptions.
    static func sample(
        id: String? = nil, type: String = "ticket.created", data: String = "{\"id\":\"tkt_1\"}",
        to subscriptions: [String] = ["erp"], orderKey: String? = nil, body: String? = nil
    ) -> FannedOutEvent {
        FannedOutEvent(
            event: NewEvent(
                id: id.map { EventID($0) }, type: type, ts: "2026-05-05T11:45:07Z", data: Array(data.utf8),
                source: "token:test"),
            deliveries: subscriptions.map { NewDelivery(subscription: $0, body: body, orderKey: orderKey) })
    }
}

extension Store {
    /// Accepts one event under the current serial.
    @discardableResult
    func accept(_ event: FannedOutEvent, now: UnixTime = .t0) async throws -> AcceptedEvent {
        let result = try await commit(Fact(serial: serial(), events: [event]), now: now)
        guard case .written(let events, _) = result else { throw StoreError.database("\(result)") }
        return try #require(events.first)
    }

    /// Records an attempt and waits until it is durable.
    func record(
        _ delivery: AcceptedEvent.Delivery, _ transition: DeliveryTransition, number: Int = 1,
        orderKey: String? = nil, body: [UInt8]? = nil, now: UnixTime = .t0
    ) async throws {
        let outcome: Attempt.Outcome =
            switch transition {
            case .delivered: .delivered
            case .failed: .failed
            case .exhausted: .exhausted
            case .retry: .retry
            }
        let attempt = Attempt(
            number: number, startedAt: now, outcome: outcome,
            statusCode: transition == .delivered ? 200 : 503,
            errorClass: transition == .delivered ? nil : "status", timing: "{\"total\":1200}", body: body)
        let record = AttemptRecord(
            delivery: delivery.sequence, subscription: delivery.subscription, orderKey: orderKey,
            attempt: attempt,
            transition: transition)
        try await withCheckedThrowingContinuation { continuation in
            self.record(record, now: now) { continuation.resume(with: $0) }
        }
    }

    func due(
        _ subscription: String = "erp", now: UnixTime = .t0, limit: Int = 100,
        except: Set<CommitSequence> = [], behind: CommitSequence? = nil
    ) async throws -> DueWork {
        try await dueWork(subscription, now: now, limit: limit, except: except, behind: behind)
    }

    func status(_ delivery: AcceptedEvent.Delivery) async throws -> DeliveryStatus? {
        try await self.delivery(delivery.id)?.delivery.status
    }

    /// Applies a change under the lease of a process of the test.
    @discardableResult
    func apply(
        upserts: [LiveResource] = [], deletions: [ConfigurationChange.Deletion] = [], at serial: Int64? = nil,
        now: UnixTime = .t0
    ) async throws -> ApplyResult {
        let lease = try await takeLease(.sample(), now: now, isAlive: { _ in true })
        let current = try await self.serial()
        let result = try await apply(
            .sample(expectedSerial: serial ?? current, upserts: upserts, deletions: deletions), lease: lease,
            started: now - .milliseconds(20), now: now)
        try await releaseLease(lease)
        return result
    }
}

extension ConfigurationChange {
    static func sample(
        expectedSerial: Int64, upserts: [LiveResource] = [], deletions: [Deletion] = []
    ) -> ConfigurationChange {
        var change = ConfigurationChange(
            expectedSerial: expectedSerial, commit: "c0ffee", subject: "Change things", planDigest: "plan",
            appliedBy: "test", liveDigest: "live", source: "file:///repo main .")
        change.upserts = upserts
        change.deletions = deletions
        change.created = upserts.count
        return change
    }
}

extension LiveResource {
    static func sample(
        _ name: String, kind: String = "Subscription", canonical: String = "{}", isProtected: Bool = false
    ) -> LiveResource {
        LiveResource(
            kind: kind, name: name, canonical: canonical, digest: "digest of \(canonical)",
            isProtected: isProtected,
            file: "\(name).yaml", line: 3, commit: "c0ffee")
    }
}

extension Lease.Holder {
    static func sample(process: Int32 = 100, host: String = "here", bootID: String = "boot-1") -> Lease.Holder
    {
        Lease.Holder(owner: "run", host: host, process: process, bootID: bootID)
    }
}
