import Testing

@testable import Store

struct ReplayTests {
    /// A live subscription with one delivery that failed.
    private func withFailed(
        _ body: (Store, AcceptedEvent.Delivery) async throws -> Void
    ) async throws {
        try await TemporaryState().open { store in
            try await store.apply(upserts: [.sample("erp")])
            let delivery = try await store.accept(.sample(orderKey: "a")).deliveries[0]
            try await store.record(delivery, .failed, orderKey: "a")
            try await body(store, delivery)
        }
    }

    @Test func `a finished delivery is sent again under its id with a fresh budget`() async throws {
        try await withFailed { store, delivery async throws in
            let result = try await store.redeliver(delivery.id, newID: false, now: .t0)
            #expect(result == .pending(delivery.id, subscription: "erp"))
            let due = try await store.due()
            #expect(due.retries.map(\.id) == [delivery.id])
            #expect(due.retries.map(\.budgetStart) == [1])
            #expect(try await store.redeliver(delivery.id, newID: false, now: .t0) == .busy)
        }
    }

    @Test func `a new id makes a delivery of its own`() async throws {
        try await withFailed { store, delivery async throws in
            let result = try await store.redeliver(delivery.id, newID: true, now: .t0)
            guard case .pending(let copy, _) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(copy.text > delivery.id.text)
            #expect(try await store.status(delivery) == .failed)
            #expect(try await store.due().retries.map(\.id) == [copy])
        }
    }

    @Test func `what is unknown or has lost its subscription is not sent again`() async throws {
        try await withFailed { store, delivery async throws in
            #expect(try await store.redeliver(DeliveryID("none"), newID: false, now: .t0) == .unknown)
            try await store.apply(deletions: [.init(kind: "Subscription", name: "erp")])
            #expect(try await store.redeliver(delivery.id, newID: false, now: .t0) == .orphaned)
        }
    }

    @Test func `a delivery that is sent again waits for the pending one of its key`() async throws {
        try await withFailed { store, delivery async throws in
            let next = try await store.accept(.sample(orderKey: "a")).deliveries[0]
            _ = try await store.redeliver(delivery.id, newID: false, now: .t0)
            #expect(try await store.due().retries.isEmpty)
            try await store.record(next, .delivered, orderKey: "a")
            #expect(try await store.due().first.map(\.id) == [delivery.id])
        }
    }

    @Test func `a delivery under a new id has the order of its key, and its body names it`() async throws {
        try await TemporaryState().open { store in
            try await store.apply(upserts: [.sample("erp")])
            let old = try await store.accept(
                FannedOutEvent(
                    event: FannedOutEvent.sample().event,
                    deliveries: [
                        NewDelivery(
                            subscription: "erp", id: DeliveryID("01OLD"), body: #"{"id":"01OLD"}"#,
                            orderKey: "a")
                    ])
            ).deliveries[0]
            try await store.record(old, .failed, orderKey: "a")
            var copies: [DeliveryID] = []
            for _ in 0..<2 {
                guard case .pending(let id, _) = try await store.redeliver(old.id, newID: true, now: .t0)
                else {
                    Issue.record("it is not pending")
                    return
                }
                copies.append(id)
            }
            let due = try await store.due().retries
            #expect(due.map(\.id) == [copies[0]], "the second waits")
            #expect(due.map(\.body) == [#"{"id":"\#(copies[0])"}"#])
        }
    }

    @Test func `what was sent again is due when its key is free, also after the clock was set back`()
        async throws
    {
        try await withFailed { store, delivery async throws in
            let next = try await store.accept(.sample(orderKey: "a")).deliveries[0]
            _ = try await store.redeliver(delivery.id, newID: false, now: .t0 + .seconds(3600))
            try await store.record(next, .delivered, orderKey: "a")
            #expect(try await store.due(now: .t0).first.map(\.id) == [delivery.id])
        }
    }

    @Test func `a replay goes on where it stopped and takes nothing that it made`() async throws {
        try await TemporaryState().open { store in
            try await store.apply(upserts: [.sample("erp")])
            for _ in 0..<5 {
                try await store.record(try await store.accept(.sample()).deliveries[0], .failed)
            }
            let selection = ReplaySelection(since: .t0, status: .failed, newID: true)
            let now = UnixTime.t0 + .seconds(1)
            let last = try await store.newest().delivery
            let first = try await store.replay(
                "erp", selection, after: nil, upTo: last, limit: 3, now: now)
            #expect(first.count == 3)
            let second = try await store.replay(
                "erp", selection, after: first.next, upTo: last, limit: 3, now: now)
            #expect(second.count == 2)
            #expect(second.next == nil)
            #expect(try await store.due(now: now).retries.count == 5)
        }
    }

    @Test func `a replay takes what was made before somebody set the clock back`() async throws {
        try await withFailed { store, delivery async throws in
            let earlier = UnixTime.t0 - .seconds(3600)
            let selection = ReplaySelection(since: earlier - .seconds(60))
            let newest = try await store.newest()
            let replayed = try await store.replay(
                "erp", selection, after: nil, upTo: newest.delivery, limit: 3, now: earlier)
            #expect(replayed.count == 1)
            #expect(try await store.due(now: earlier).retries.map(\.id) == [delivery.id])
            let events = try await store.events(
                since: selection.since, until: nil, after: nil, upTo: newest.event, limit: 3)
            #expect(events.count == 1)
        }
    }

    @Test func `deliveries of old events keep the order of their key`() async throws {
        try await TemporaryState().open { store in
            var missing: [MissingDelivery] = []
            for _ in 0..<3 {
                let event = try await store.accept(.sample(to: []))
                missing.append(
                    MissingDelivery(
                        event: event.sequence, delivery: NewDelivery(subscription: "erp", orderKey: "a")))
            }
            #expect(try await store.deliverMissing(missing, serial: 0, now: .t0) == 3)
            #expect(try await store.deliverMissing(missing, serial: 0, now: .t0) == 0)
            #expect(try await store.deliverMissing(missing, serial: 7, now: .t0) == nil)
            let due = try await store.due()
            #expect(due.retries.map(\.event.sequence) == [missing[0].event])
            #expect(due.first.isEmpty)
        }
    }
}
