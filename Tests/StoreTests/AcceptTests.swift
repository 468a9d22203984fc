import Testing

@testable import Store

struct AcceptTests {
    @Test func `an event and its deliveries are stored as they were given`() async throws {
        let state = try TemporaryState()
        let data = "{ \"z\":1.50, \"a\":\"ä€😀\" }"
        try await state.open { store in
            let accepted = try await store.accept(.sample(data: data, to: ["erp", "chat"], body: "{}"))
            #expect(accepted.deliveries.map(\.subscription) == ["erp", "chat"])
            #expect(accepted.deliveryCount == 2)
            #expect(!accepted.isDuplicate)
            #expect(accepted.id.text.hasPrefix("evt_"))
            let event = try #require(try await store.event(accepted.id))
            #expect(String(decoding: event.data, as: UTF8.self) == data)
            #expect(event.acceptedAt == .t0)
            let detail = try #require(try await store.delivery(accepted.deliveries[1].id))
            #expect(detail.delivery.status == .pending)
            #expect(detail.delivery.attempts == 0)
            #expect(detail.body == "{}")
            #expect(detail.event == event)
            #expect(try await store.pendingDeliveries() == ["erp": 1, "chat": 1])
        }
        let restarted = try await state.open { try await $0.due() }
        #expect(restarted.first.map(\.event.data) == [Array(data.utf8)])
    }

    @Test func `a delivery that could not be made has failed without an attempt, and its log says why`()
        async throws
    {
        try await TemporaryState().open { store in
            let refusal = NewDelivery.Refusal(errorClass: "filter", message: "no such key")
            let deliveries = [
                NewDelivery(subscription: "erp", orderKey: "k", refusal: refusal),
                NewDelivery(
                    subscription: "chat", id: DeliveryID("01J0000000000000000000000A"), orderKey: "k"),
            ]
            let accepted = try await store.accept(
                FannedOutEvent(event: FannedOutEvent.sample().event, deliveries: deliveries))
            let detail = try #require(try await store.delivery(accepted.deliveries[0].id))
            #expect(detail.delivery.status == .failed && detail.delivery.attempts == 0)
            #expect(detail.delivery.finishedAt == .t0)
            #expect(detail.attempts.map(\.number) == [0])
            #expect(detail.attempts.map(\.errorClass) == ["filter"])
            #expect(detail.attempts.map(\.error) == ["no such key"])
            #expect(accepted.deliveries[1].id.text == "01J0000000000000000000000A")
            #expect(try await store.pendingDeliveries() == ["chat": 1])
            let again = try await store.redeliver(accepted.deliveries[0].id, newID: false, now: .t0)
            #expect(again == .neverMade)
        }
    }

    @Test func `an event that nobody wants is stored without deliveries`() async throws {
        try await TemporaryState().open { store in
            let accepted = try await store.accept(.sample(to: []))
            #expect(accepted.deliveryCount == 0)
            #expect(try await store.event(accepted.id) != nil)
        }
    }

    @Test func `a repeated id changes nothing and reports the first one`() async throws {
        try await TemporaryState().open { store in
            let first = try await store.accept(.sample(id: "order-7", to: ["erp", "chat"]))
            let second = try await store.accept(.sample(id: "order-7", to: ["erp"]), now: .t0 + .seconds(9))
            #expect(second.isDuplicate)
            #expect(second.deliveries.isEmpty)
            #expect(second.deliveryCount == 2)
            #expect(second.sequence == first.sequence)
            #expect(second.acceptedAt == .t0)
            #expect(try await store.pendingDeliveries() == ["erp": 1, "chat": 1])
        }
    }

    @Test func `a batch is stored in order, a repeated id within it once`() async throws {
        try await TemporaryState().open { store in
            let result = try await store.commit(
                Fact(serial: 0, events: [.sample(id: "a"), .sample(id: "b"), .sample(id: "a")]), now: .t0)
            let events = try #require(result.events)
            #expect(events.map(\.isDuplicate) == [false, false, true])
            #expect(events[0].sequence < events[1].sequence)
            #expect(events[0].deliveries[0].id.text < events[1].deliveries[0].id.text)
        }
    }

    @Test func `a fan-out of an older configuration is refused whole`() async throws {
        try await TemporaryState().open { store in
            try await store.apply(upserts: [.sample("erp")])
            #expect(try await store.commit(Fact(serial: 0, events: [.sample()]), now: .t0).events == nil)
            #expect(try await store.events(EventFilter(), before: nil, limit: 10).items.isEmpty)
        }
    }

    @Test func `a fan-out that shares its commit with an apply is checked against what the apply left`()
        async throws
    {
        try await TemporaryState().open { store in
            let lease = try await store.takeLease(.sample(), now: .t0, isAlive: { _ in true })
            let gate = Gate()
            gate.hold(store.commits)
            async let before = store.commit(Fact(serial: 0, events: [.sample(id: "before")]), now: .t0)
            try await store.commits.hasWaiting(1)
            async let applied = store.apply(
                .sample(expectedSerial: 0, upserts: [.sample("erp")]), lease: lease, started: .t0, now: .t0)
            try await store.commits.hasWaiting(2)
            async let after = store.commit(Fact(serial: 0, events: [.sample(id: "after")]), now: .t0)
            try await store.commits.hasWaiting(3)
            gate.open()
            #expect(try await before.events != nil)
            #expect(try await after.events == nil)
            #expect(try await applied == .applied(serial: 1))
            #expect(try await store.event(EventID("after")) == nil)
        }
    }

    @Test func `deliveries with one order key wait for each other`() async throws {
        try await TemporaryState().open { store in
            let first = try await store.accept(.sample(orderKey: "a")).deliveries[0]
            let second = try await store.accept(.sample(orderKey: "a")).deliveries[0]
            let other = try await store.accept(.sample(orderKey: "b")).deliveries[0]
            let elsewhere = try await store.accept(.sample(to: ["chat"], orderKey: "a")).deliveries[0]
            #expect([first, second, other, elsewhere].map(\.isBlocked) == [false, true, false, false])
            #expect(try await store.due().first.map(\.id) == [first.id, other.id])
            try await store.record(first, .retry(at: .t0 + .seconds(5), backoff: .seconds(5)), orderKey: "a")
            #expect(try await store.due(now: .t0 + .seconds(5)).first.map(\.id) == [other.id])
            try await store.record(first, .exhausted, number: 2, orderKey: "a")
            #expect(try await store.due().first.map(\.id) == [second.id, other.id])
            try await store.record(second, .delivered, orderKey: "a")
            let third = try await store.accept(.sample(orderKey: "a")).deliveries[0]
            #expect(!third.isBlocked)
        }
    }

    @Test func `a thousand concurrent producers lose nothing`() async throws {
        let state = try TemporaryState()
        try await state.open { store in
            try await withThrowingTaskGroup { group in
                for _ in 0..<1000 { group.addTask { try await store.accept(.sample()) } }
                try await group.waitForAll()
            }
            #expect(try await store.pendingDeliveries() == ["erp": 1000])
        }
    }
}

extension FactResult {
    /// nil when the fan-out was stale.
    fileprivate var events: [AcceptedEvent]? {
        if case .written(let events, _) = self { events } else { nil }
    }
}
