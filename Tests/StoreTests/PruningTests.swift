import GRDB
import Synchronization
import Testing

@testable import Store

struct PruningTests {
    @Test func `attempt detail is kept for the last deliveries and for pending ones`() async throws {
        try await TemporaryState().open { store in
            var deliveries: [AcceptedEvent.Delivery] = []
            for _ in 0..<6 { deliveries.append(try await store.accept(.sample()).deliveries[0]) }
            for delivery in deliveries[1...] { try await store.record(delivery, .delivered) }
            try await store.record(deliveries[0], .retry(at: .t0, backoff: .seconds(1)))
            let cursor = try await store.pruneAttempts("erp", keep: 2, from: PruningCursor())
            #expect(try await store.pruneAttempts("erp", keep: 2, from: cursor) == cursor)
            var kept: [Int] = []
            for delivery in deliveries {
                kept.append(try await store.delivery(delivery.id)?.attempts.count ?? -1)
            }
            #expect(kept == [1, 0, 0, 0, 1, 1])
        }
    }

    @Test func `detail goes in several transactions, past other subscriptions and what is pending`()
        async throws
    {
        try await TemporaryState().open { store in
            let events = (0..<1300).map { FannedOutEvent.sample(to: [$0.isMultiple(of: 5) ? "crm" : "erp"]) }
            let result = try await store.commit(Fact(serial: store.serial(), events: events), now: .t0)
            guard case .written(let accepted, _) = result else { throw StoreError.database("\(result)") }
            let deliveries = accepted.map { $0.deliveries[0] }
            let isPending: (Int) -> Bool = { $0.isMultiple(of: 7) }
            try await withThrowingTaskGroup { group in
                for (number, delivery) in deliveries.enumerated() {
                    let transition: DeliveryTransition =
                        isPending(number) ? .retry(at: .t0, backoff: .seconds(1)) : .delivered
                    group.addTask { try await store.record(delivery, transition) }
                }
                try await group.waitForAll()
            }
            let newest = deliveries.filter { $0.subscription == "erp" }.suffix(4).map(\.sequence.value)
            let kept = deliveries.enumerated().filter { number, delivery in
                isPending(number) || delivery.subscription == "crm"
            }.map(\.element.sequence.value)
            let steps = Atomic(0)
            _ = try await store.pruneAttempts("erp", keep: 4, from: PruningCursor()) {
                steps.add(1, ordering: .relaxed)
            }
            #expect(steps.load(ordering: .relaxed) > 1)
            let left = try await store.read {
                try Int64.fetchSet($0, sql: "SELECT delivery_seq FROM attempt")
            }
            #expect(left == Set(kept + newest))
        }
    }

    @Test func `old events go with their deliveries, past those that are still pending`() async throws {
        try await TemporaryState().open { store in
            var events: [AcceptedEvent] = []
            for index in 0..<6 {
                events.append(try await store.accept(.sample(), now: .t0 + .seconds(index)))
            }
            for event in events where event.sequence != events[0].sequence {
                try await store.record(event.deliveries[0], .delivered)
            }
            let (time, now) = (UnixTime.t0 + .seconds(4), UnixTime.t0 + .seconds(6))
            #expect(try await store.pruneEvents(olderThan: time, now: now, batch: 1).removed == 3)
            #expect(try await store.pruneEvents(olderThan: time, now: now, batch: 100).removed == 0)
            let left = try await store.events(EventFilter(), before: nil, limit: 10).items.map(\.sequence)
            #expect(left == [events[5], events[4], events[0]].map(\.sequence))
            #expect(try await store.delivery(events[1].deliveries[0].id) == nil)
        }
    }

    @Test func `what ended late stays as long after its end, and is looked at again every ten minutes`()
        async throws
    {
        try await TemporaryState().open { store in
            var events: [AcceptedEvent] = []
            for _ in 0..<4 { events.append(try await store.accept(.sample())) }
            try await store.record(events[0].deliveries[0], .exhausted, now: .t0 + .seconds(300))
            try await store.record(events[1].deliveries[0], .delivered)
            #expect(
                try await store.expirePending(
                    "erp", madeBefore: .t0 + .seconds(1), now: .t0 + .seconds(500)) == 2)
            var cursor = EventCursor()
            var removed: [Int] = []
            for seconds in [200, 400, 799, 801, 802] {
                let now = UnixTime.t0 + .seconds(1000 + seconds)
                let result = try await store.pruneEvents(
                    olderThan: .t0 + .seconds(seconds), now: now, batch: 1, from: cursor)
                cursor = result.cursor
                removed.append(result.removed)
            }
            // The one that was delivered; then the others, as soon as they are looked at again. The newest stays.
            #expect(removed == [1, 0, 0, 2, 0])
        }
    }

    @Test(arguments: [1, 2, 100])
    func `a clock that was ahead for a while keeps nothing from going`(_ batch: Int) async throws {
        try await TemporaryState().open { store in
            var events: [AcceptedEvent] = []
            let steps = Atomic(0)
            for seconds in [0, 100_000, 100_001, 1, 2, 50, 51] {
                events.append(try await store.accept(.sample(to: []), now: .t0 + .seconds(seconds)))
            }
            let (time, now) = (UnixTime.t0 + .seconds(40), UnixTime.t0 + .seconds(60))
            _ = try await store.pruneEvents(olderThan: time, now: now, batch: batch) {
                steps.add(1, ordering: .relaxed)
            }
            let left = try await store.events(EventFilter(), before: nil, limit: 10).items.map(\.sequence)
            // What came in the wrong times goes with what is known to have come after it.
            #expect(left.starts(with: [events[6], events[5]].map(\.sequence)))
            #expect(!left.contains(events[0].sequence) && !left.contains(events[4].sequence))
            #expect(batch < 100 || left.count == 2)
            let count = steps.load(ordering: .relaxed)
            #expect(batch == 100 ? count == 1 : count > 2)
        }
    }

    @Test func `sequences and identifiers never come again after everything was pruned`() async throws {
        let state = try TemporaryState()
        let last = try await state.open { store in
            let delivered = try await store.accept(.sample())
            try await store.record(delivered.deliveries[0], .delivered)
            let last = try await store.accept(.sample(to: []))
            _ = try await store.pruneEvents(
                olderThan: .t0 + .seconds(1), now: .t0 + .seconds(1), batch: 100)
            return (delivered, last)
        }
        let next = try await state.open { try await $0.accept(.sample(), now: .t0 - .seconds(86400)) }
        #expect(next.sequence > last.1.sequence)
        #expect(next.deliveries[0].sequence > last.0.deliveries[0].sequence)
        #expect(next.deliveries[0].id.text > last.0.deliveries[0].id.text)
    }

    @Test func `the log is truncated when it has grown`() async throws {
        let state = try TemporaryState()
        try await state.open { store in
            for _ in 0..<20 { try await store.accept(.sample()) }
            let log = state.path.file + "-wal"
            try await store.truncateLog(beyond: 1 << 30)
            #expect(try #require(fileSize(log)) > 0)
            try await store.truncateLog(beyond: 4096)
            #expect(fileSize(log) == 0)
        }
    }

    @Test func `pending deliveries of a subscription expire by their age`() async throws {
        try await TemporaryState().open { store in
            let old = try await store.accept(.sample(to: ["erp", "chat"])).deliveries
            let young = try await store.accept(.sample(to: ["erp"]), now: .t0 + .seconds(60)).deliveries[0]
            func expire(_ time: UnixTime) async throws -> Int {
                try await store.expirePending("erp", madeBefore: time, now: .t0 + .seconds(61))
            }
            #expect(try await expire(.t0) == 0)
            #expect(try await expire(.t0 + .seconds(60)) == 1)
            #expect(try await expire(.t0 + .seconds(60)) == 0)
            #expect(try await store.status(old[0]) == .expired)
            #expect(try await store.status(old[1]) == .pending)
            #expect(try await store.status(young) == .pending)
            #expect(try await store.pendingDeliveries() == ["chat": 1, "erp": 1])
        }
    }

    @Test func `what is sent again has its whole time again, and what was delivered before stays delivered`()
        async throws
    {
        try await TemporaryState().open { store in
            try await store.apply(upserts: [.sample("erp")])
            let waiting = try await store.accept(.sample()).deliveries[0]
            let delivered = try await store.accept(.sample()).deliveries[0]
            try await store.record(delivered, .delivered)
            func expire(_ time: UnixTime) async throws -> Int {
                try await store.expirePending("erp", madeBefore: time, now: time)
            }
            #expect(try await expire(.t0 + .seconds(60)) == 1)
            #expect(try await store.status(waiting) == .expired)
            for delivery in [waiting, delivered] {
                _ = try await store.redeliver(delivery.id, newID: false, now: .t0 + .seconds(100))
            }
            #expect(try await expire(.t0 + .seconds(100)) == 0)
            #expect(try await store.status(waiting) == .pending)
            #expect(try await store.oldestPending(of: ["erp"]) == ["erp": .t0 + .seconds(100)])
            try await store.accept(.sample(), now: .t0 + .seconds(80))
            #expect(try await store.oldestPending(of: ["erp"]) == ["erp": .t0 + .seconds(80)])
            #expect(try await expire(.t0 + .seconds(101)) == 3)
            #expect(try await store.status(waiting) == .expired)
            #expect(try await store.status(delivered) == .delivered)
            #expect(try await store.pendingDeliveries().isEmpty)
        }
    }

    @Test func `the oldest pending deliveries beyond the limit expire, and their order key goes on`()
        async throws
    {
        try await TemporaryState().open { store in
            var deliveries: [AcceptedEvent.Delivery] = []
            for _ in 0..<4 { deliveries.append(try await store.accept(.sample(orderKey: "a")).deliveries[0]) }
            #expect(try await store.expirePending("erp", maxPending: 4, now: .t0) == 0)
            #expect(try await store.expirePending("erp", maxPending: 2, now: .t0) == 2)
            #expect(try await store.status(deliveries[1]) == .expired)
            #expect(try await store.due().first.map(\.id) == [deliveries[2].id])
            // The first was under way and arrived.
            try await store.record(deliveries[0], .delivered, orderKey: "a")
            #expect(try await store.status(deliveries[0]) == .delivered)
        }
    }
}
