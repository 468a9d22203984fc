import GRDB
import Testing

@testable import Store

struct ConfigurationTests {
    @Test func `a change is live with its revision and the commit it came from`() async throws {
        let state = try TemporaryState()
        try await state.open { store in
            let resources = [LiveResource.sample("a", isProtected: true), .sample("b", kind: "ApiToken")]
            #expect(try await store.apply(upserts: resources) == .applied(serial: 1))
            let live = try await store.liveConfiguration()
            #expect(live.serial == 1)
            #expect(live.resources == [resources[1], resources[0]])
            let revision = try #require(try await store.revisions(limit: 10).first)
            #expect(revision.serial == 1)
            #expect((revision.created, revision.updated, revision.deleted) == (2, 0, 0))
            #expect(revision.duration == .milliseconds(20))
            let record = try await store.syncRecord()
            #expect(record.result == .synced)
            #expect(record.appliedCommit == "c0ffee")
            #expect(record.appliedAt == .t0)
        }
        let serial = try await state.open { try await $0.serial() }
        #expect(serial == 1)
    }

    @Test func `a change against an older serial writes nothing`() async throws {
        try await TemporaryState().open { store in
            try await store.apply(upserts: [.sample("a")])
            #expect(try await store.apply(upserts: [.sample("b")], at: 0) == .stale(serial: 1))
            #expect(try await store.liveConfiguration().resources.map(\.name) == ["a"])
            #expect(try await store.revisions(limit: 10).count == 1)
        }
    }

    @Test func `a change without the lease writes nothing`() async throws {
        try await TemporaryState().open { store in
            let mine = try await store.takeLease(.sample(process: 1), now: .t0, isAlive: { _ in true })
            _ = try await store.takeLease(.sample(process: 2), now: .t0, isAlive: { _ in false })
            let result = try await store.apply(
                .sample(expectedSerial: 0, upserts: [.sample("a")]), lease: mine, started: .t0, now: .t0)
            #expect(result == .leaseLost)
            #expect(try await store.serial() == 0)
        }
    }

    @Test func `a change that cannot be written whole is not written at all`() async throws {
        try await TemporaryState().open { store in
            try await store.apply(upserts: [.sample("a")])
            let lease = try await store.takeLease(.sample(), now: .t0, isAlive: { _ in true })
            // The revision of a serial exists once; planting it makes the last statement of the change fail.
            try await store.write {
                try $0.execute(
                    sql: """
                        INSERT INTO revision (serial, commit_id, subject, plan_digest, created, updated, deleted,
                            applied_by, applied_ms, duration_ms) VALUES (2, '', '', '', 0, 0, 0, '', 0, 0)
                        """)
            }
            let change = ConfigurationChange.sample(
                expectedSerial: 1, upserts: [.sample("b")],
                deletions: [.init(kind: "Subscription", name: "a")])
            await #expect(throws: StoreError.self) {
                try await store.apply(change, lease: lease, started: .t0, now: .t0)
            }
            #expect(try await store.serial() == 1)
            #expect(try await store.liveConfiguration().resources.map(\.name) == ["a"])
        }
    }

    @Test func `an empty change records the commit and keeps the serial`() async throws {
        try await TemporaryState().open { store in
            try await store.apply(upserts: [.sample("a")])
            #expect(try await store.apply(now: .t0 + .seconds(9)) == .applied(serial: 1))
            #expect(try await store.revisions(limit: 10).count == 1)
            #expect(try await store.syncRecord().appliedAt == .t0 + .seconds(9))
        }
    }

    @Test func `deleting a subscription cancels its pending deliveries and no others`() async throws {
        try await TemporaryState().open { store in
            try await store.apply(upserts: [.sample("erp"), .sample("chat")])
            let event = try await store.accept(.sample(to: ["erp", "chat"]))
            let done = try await store.accept(.sample(to: ["erp"]))
            try await store.record(done.deliveries[0], .delivered)
            try await store.apply(
                deletions: [.init(kind: "Subscription", name: "erp")], now: .t0 + .seconds(3))
            let detail = try #require(try await store.delivery(event.deliveries[0].id))
            #expect(detail.delivery.status == .cancelled)
            #expect(detail.delivery.finishedAt == .t0 + .seconds(3))
            #expect(try await store.status(event.deliveries[1]) == .pending)
            #expect(try await store.status(done.deliveries[0]) == .delivered)
        }
    }

    @Test func `a resource of another kind with a subscription's name cancels nothing`() async throws {
        try await TemporaryState().open { store in
            try await store.apply(upserts: [.sample("erp"), .sample("erp", kind: "ApiToken")])
            let delivery = try await store.accept(.sample()).deliveries[0]
            try await store.apply(deletions: [.init(kind: "ApiToken", name: "erp")])
            #expect(try await store.status(delivery) == .pending)
        }
    }

    @Test func `the record of a failure keeps what is applied`() async throws {
        try await TemporaryState().open { store in
            try await store.apply(upserts: [.sample("a")])
            for number in 1...2 {
                try await store.recordNotApplied(
                    .failed, commit: number == 2 ? "bad" : nil, reason: "fetch", message: "no route",
                    now: .t0 + .seconds(number))
            }
            let failed = try await store.syncRecord()
            #expect(failed.result == .failed)
            #expect(failed.appliedCommit == "c0ffee")
            #expect(failed.seenCommit == "bad")
            #expect(failed.failures == 2)
            #expect(failed.lastSuccess == .t0)
            #expect(failed.lastAttempt == .t0 + .seconds(2))
            try await store.recordUpToDate(
                source: "s", commit: "c0ffee2", subject: "Next", noopKey: nil, now: .t0 + .seconds(3))
            let good = try await store.syncRecord()
            #expect(good.result == .synced)
            #expect(good.failures == 0)
            #expect(good.message.isEmpty)
            #expect(good.appliedCommit == "c0ffee2")
            #expect(good.lastSuccess == .t0 + .seconds(3))
        }
    }
}
