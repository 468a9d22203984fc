import Testing

@testable import Store

struct DeliveryTests {
    @Test(arguments: [
        (DeliveryTransition.delivered, DeliveryStatus.delivered), (.failed, .failed),
        (.exhausted, .exhausted),
    ])
    func `an attempt that ends a delivery`(_ transition: DeliveryTransition, _ status: DeliveryStatus)
        async throws
    {
        try await TemporaryState().open { store in
            let delivery = try await store.accept(.sample()).deliveries[0]
            try await store.record(delivery, transition, body: Array("ok".utf8), now: .t0 + .seconds(1))
            let detail = try #require(try await store.delivery(delivery.id))
            #expect(detail.delivery.status == status)
            #expect(detail.delivery.attempts == 1)
            #expect(detail.delivery.finishedAt == .t0 + .seconds(1))
            #expect(detail.delivery.nextAttempt == nil)
            #expect(detail.delivery.lastStatusCode == (transition == .delivered ? 200 : 503))
            #expect(detail.attempts.map(\.body) == [Array("ok".utf8)])
            #expect(detail.attempts.map(\.timing) == ["{\"total\":1200}"])
            #expect(try await store.due().first.isEmpty)
        }
    }

    @Test func `a retry is due at its time and keeps its attempts`() async throws {
        try await TemporaryState().open { store in
            let delivery = try await store.accept(.sample()).deliveries[0]
            let time = UnixTime.t0 + .seconds(5)
            try await store.record(delivery, .retry(at: time, backoff: .seconds(5)))
            let early = try await store.due(now: time - .milliseconds(1))
            #expect(early.first.isEmpty && early.retries.isEmpty)
            #expect(early.nextRetry == time)
            let due = try await store.due(now: time)
            #expect(due.retries.map(\.id) == [delivery.id])
            #expect(due.retries.map(\.attempts) == [1])
            #expect(due.nextRetry == nil)
            let detail = try #require(try await store.delivery(delivery.id))
            #expect(detail.delivery.nextAttempt == time)
            try await store.record(delivery, .delivered, number: 2, now: time)
            #expect(try await store.delivery(delivery.id)?.attempts.map(\.outcome) == [.retry, .delivered])
        }
    }

    @Test func `a result that is recorded twice counts once`() async throws {
        try await TemporaryState().open { store in
            let delivery = try await store.accept(.sample()).deliveries[0]
            try await store.record(delivery, .delivered)
            try await store.record(delivery, .failed, now: .t0 + .seconds(1))
            try await store.record(delivery, .retry(at: .t0, backoff: .seconds(1)))
            let detail = try #require(try await store.delivery(delivery.id))
            #expect(detail.delivery.status == .delivered)
            #expect(detail.attempts.map(\.outcome) == [.delivered])
        }
    }

    @Test(arguments: [
        (DeliveryTransition.delivered, DeliveryStatus.delivered), (.failed, .cancelled),
        (.exhausted, .cancelled),
        (.retry(at: .t0, backoff: .seconds(1)), .cancelled),
    ])
    func `a delivery that is cancelled while in flight`(
        _ transition: DeliveryTransition, _ status: DeliveryStatus
    ) async throws {
        try await TemporaryState().open { store in
            try await store.apply(upserts: [.sample("erp"), .sample("chat")])
            let delivery = try await store.accept(.sample()).deliveries[0]
            try await store.apply(deletions: [.init(kind: "Subscription", name: "erp")])
            #expect(try await store.status(delivery) == .cancelled)
            try await store.record(delivery, transition)
            #expect(try await store.status(delivery) == status)
            #expect(try await store.due().retries.isEmpty)
            #expect(try await store.delivery(delivery.id)?.attempts.count == 1)
        }
    }

    @Test func `a result for a delivery that was pruned meanwhile is dropped`() async throws {
        try await TemporaryState().open { store in
            try await store.apply(upserts: [.sample("erp")])
            let delivery = try await store.accept(.sample()).deliveries[0]
            try await store.accept(.sample(), now: .t0)
            try await store.apply(deletions: [.init(kind: "Subscription", name: "erp")])
            _ = try await store.pruneEvents(olderThan: .t0 + .seconds(1), now: .t0 + .seconds(1), batch: 10)
            #expect(try await store.delivery(delivery.id) == nil)
            try await store.record(delivery, .failed)
        }
    }

    @Test func `the lists of due work are bounded, ordered and without what is in memory`() async throws {
        try await TemporaryState().open { store in
            var deliveries: [AcceptedEvent.Delivery] = []
            for _ in 0..<6 { deliveries.append(try await store.accept(.sample()).deliveries[0]) }
            let sequences = deliveries.map(\.sequence)
            let work = try await store.due(limit: 2)
            #expect(work.first.map(\.sequence) == Array(sequences[..<2]))
            #expect(work.hasMoreFirst && !work.hasMoreRetries)
            let rest = try await store.due(limit: 4, except: Set(sequences[..<2]))
            #expect(rest.first.map(\.sequence) == Array(sequences[2...]))
            #expect(!rest.hasMoreFirst)
            let behind = try await store.due(limit: 2, except: [sequences[3]], behind: sequences[1])
            #expect(behind.first.map(\.sequence) == [sequences[2], sequences[4]])
            #expect(behind.hasMoreFirst)
            #expect(try await store.due(behind: sequences[5]).first.isEmpty)
            // Retries come by due time, not by age.
            for (index, seconds) in [(0, 30), (1, 10), (2, 20)] {
                let backoff = Duration.seconds(seconds)
                try await store.record(deliveries[index], .retry(at: .t0 + backoff, backoff: backoff))
            }
            let later = try await store.due(now: .t0 + .seconds(20), limit: 1)
            #expect(later.retries.map(\.sequence) == [sequences[1]])
            #expect(later.hasMoreRetries)
            #expect(later.nextRetry == .t0 + .seconds(30))
            #expect(try await store.due("chat").first.isEmpty)
        }
    }

    @Test func `a clock that was set back moves no retry further away than its backoff`() async throws {
        try await TemporaryState().open { store in
            let far = try await store.accept(.sample()).deliveries[0]
            let near = try await store.accept(.sample()).deliveries[0]
            try await store.record(far, .retry(at: .t0 + .seconds(5), backoff: .seconds(5)))
            try await store.record(near, .retry(at: .t0 + .seconds(9), backoff: .seconds(4000)))
            let back = UnixTime.t0 - .seconds(3600)
            #expect(try await store.clampRetries(now: back) == 1)
            #expect(try await store.clampRetries(now: back) == 0)
            #expect(try await store.due(now: back).nextRetry == back + .seconds(5))
            #expect(try await store.delivery(near.id)?.delivery.nextAttempt == .t0 + .seconds(9))
        }
    }
}
