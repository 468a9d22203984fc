import Testing

@testable import Store

/// Many deliveries of a deleted subscription are cancelled at once and written one by one.
struct CancellationTests {
    private static let many = Store.immediateCancellations + 5

    /// A deleted subscription with so many pending deliveries that they are not written with the apply.
    private func withDeleted(
        orderKey: String? = nil, _ body: @Sendable (Store, [AcceptedEvent.Delivery]) async throws -> Void
    ) async throws {
        let state = try TemporaryState()
        try await state.open { store in
            try await store.apply(upserts: [.sample("erp"), .sample("other")])
            var deliveries: [AcceptedEvent.Delivery] = []
            for _ in 0..<Self.many {
                deliveries += try await store.accept(.sample(orderKey: orderKey)).deliveries
            }
            try await store.accept(.sample(to: ["other"]))
            try await store.apply(deletions: [.init(kind: "Subscription", name: "erp")])
            try await body(store, deliveries)
        }
    }

    @Test func `all are cancelled with the apply, whatever is written`() async throws {
        try await withDeleted { store, deliveries in
            #expect(try await store.status(deliveries[0]) == .cancelled)
            #expect(try await store.pendingDeliveries() == ["other": 1])
            #expect(store.pending.all == ["other": 1])
            #expect(try await store.due().first.isEmpty)
            let page = try await store.deliveries(.init(status: .pending), before: nil, limit: 10)
            #expect(page.items.map(\.subscription) == ["other"])
            #expect(try await store.oldestPending(of: ["erp"]).isEmpty)
        }
    }

    @Test func `they are written in small transactions, and then nothing is left to do`() async throws {
        try await withDeleted { store, deliveries in
            #expect(try await store.writeCancellations(limit: 1000) == 1000)
            #expect(try await store.writeCancellations(limit: 1000) == 5)
            #expect(try await store.writeCancellations(limit: 1000) == nil)
            let page = try await store.deliveries(.init(status: .cancelled), before: nil, limit: Self.many)
            #expect(page.items.count == Self.many)
            #expect(page.items.allSatisfy { $0.finishedAt == .t0 })
            #expect(store.pending.all == ["other": 1])
        }
    }

    @Test func `a subscription of the same name starts anew beside them`() async throws {
        try await withDeleted(orderKey: "k") { store, deliveries in
            try await store.apply(upserts: [.sample("erp")])
            let new = try await store.accept(.sample(orderKey: "k")).deliveries[0]
            #expect(!new.isBlocked)
            #expect(try await store.due().first.map(\.sequence) == [new.sequence])
            #expect(store.pending.count(of: "erp") == 1)
            while try await store.writeCancellations(limit: 1000) != nil {}
            #expect(try await store.status(new) == .pending)
            #expect(store.pending.count(of: "erp") == 1)
        }
    }

    @Test func `an attempt that was under way leaves it cancelled, unless it arrived`() async throws {
        try await withDeleted { store, deliveries in
            try await store.record(deliveries[0], .failed)
            try await store.record(deliveries[1], .retry(at: .t0, backoff: .seconds(1)))
            try await store.record(deliveries[2], .delivered)
            #expect(try await store.status(deliveries[0]) == .cancelled)
            #expect(try await store.status(deliveries[1]) == .cancelled)
            #expect(try await store.status(deliveries[2]) == .delivered)
            #expect(store.pending.all == ["other": 1])
        }
    }

    @Test func `one of them can be sent again when its subscription is back`() async throws {
        try await withDeleted { store, deliveries in
            try await store.apply(upserts: [.sample("erp")])
            let result = try await store.redeliver(deliveries[0].id, newID: true, now: .t0)
            guard case .pending = result else { return #expect(Bool(false), "\(result)") }
            #expect(try await store.status(deliveries[0]) == .cancelled)
        }
    }

    @Test func `one that is sent again under its own id is not taken for cancelled with those to be written`()
        async throws
    {
        try await TemporaryState().open { store in
            try await store.apply(upserts: [.sample("erp")])
            let early = try await store.accept(.sample()).deliveries[0]
            try await store.record(early, .failed)
            var deliveries: [AcceptedEvent.Delivery] = []
            for _ in 0..<Self.many { deliveries += try await store.accept(.sample()).deliveries }
            try await store.apply(deletions: [.init(kind: "Subscription", name: "erp")])
            #expect(try await store.redeliver(early.id, newID: false, now: .t0) == .orphaned)
            try await store.apply(upserts: [.sample("erp")])
            for delivery in [early, deliveries[1]] {
                let result = try await store.redeliver(delivery.id, newID: false, now: .t0)
                #expect(result == .pending(delivery.id, subscription: "erp"))
            }
            while try await store.writeCancellations(limit: 1000) != nil {}
            #expect(try await store.due().retries.map(\.id) == [early.id, deliveries[1].id])
            #expect(try await store.status(early) == .pending)
            #expect(store.pending.count(of: "erp") == 2)
        }
    }

    @Test(arguments: [1, many])
    func `what was delivered and is sent again stays delivered when its subscription is deleted`(_ count: Int)
        async throws
    {
        try await TemporaryState().open { store in
            try await store.apply(upserts: [.sample("erp")])
            let delivery = try await store.accept(.sample()).deliveries[0]
            try await store.record(delivery, .delivered)
            for _ in 1..<max(count, 2) { try await store.accept(.sample()) }
            _ = try await store.redeliver(delivery.id, newID: false, now: .t0)
            #expect(try await store.status(delivery) == .pending)
            try await store.apply(deletions: [.init(kind: "Subscription", name: "erp")])
            #expect(try await store.status(delivery) == .delivered)
            while try await store.writeCancellations(limit: 1000) != nil {}
            #expect(try await store.status(delivery) == .delivered)
        }
    }

    @Test func `the count of pending deliveries follows what another process does`() async throws {
        let state = try TemporaryState()
        try await state.open { store in
            try await store.apply(upserts: [.sample("erp")])
            for _ in 0..<3 { try await store.accept(.sample()) }
            try await store.refreshPendingCounts()
            let other = try Store.open(state.path, mode: .write, now: .t0)
            try await other.apply(deletions: [.init(kind: "Subscription", name: "erp")])
            try other.close()
            #expect(store.pending.all == ["erp": 3])
            try await store.refreshPendingCounts()
            #expect(store.pending.all.isEmpty)
        }
    }
}
