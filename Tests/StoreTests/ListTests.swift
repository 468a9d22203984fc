import GRDB
import Testing

@testable import Store

struct ListTests {
    @Test func `pages are newest first and go on where they stopped while rows are added`() async throws {
        try await TemporaryState().open { store in
            for index in 0..<7 { try await store.accept(.sample(id: "e\(index)")) }
            let first = try await store.deliveries(DeliveryFilter(), before: nil, limit: 3)
            #expect(first.items.map(\.eventID.text) == ["e6", "e5", "e4"])
            try await store.accept(.sample(id: "e7"))
            let second = try await store.deliveries(DeliveryFilter(), before: first.next, limit: 3)
            #expect(second.items.map(\.eventID.text) == ["e3", "e2", "e1"])
            let third = try await store.deliveries(DeliveryFilter(), before: second.next, limit: 3)
            #expect(third.items.map(\.eventID.text) == ["e0"])
            #expect(third.next == nil)
            let events = try await store.events(EventFilter(), before: nil, limit: 8)
            #expect(events.items.count == 8)
            #expect(events.next == nil)
        }
    }

    @Test func `filters combine`() async throws {
        try await TemporaryState().open { store in
            let old = try await store.accept(.sample(id: "old", to: ["erp", "chat"]))
            let new = try await store.accept(
                .sample(id: "new", type: "ticket.resolved", to: ["erp", "chat"]), now: .t0 + .seconds(60))
            try await store.record(old.deliveries[0], .failed)
            try await store.record(new.deliveries[0], .delivered)
            func find(_ filter: DeliveryFilter) async throws -> [DeliveryID] {
                try await store.deliveries(filter, before: nil, limit: 10).items.map(\.id)
            }
            #expect(
                try await find(DeliveryFilter(subscription: "erp")) == [new, old].map(\.deliveries[0].id))
            #expect(try await find(DeliveryFilter(status: .failed)) == [old.deliveries[0].id])
            #expect(
                try await find(DeliveryFilter(subscription: "chat", status: .pending))
                    == [new, old].map(\.deliveries[1].id))
            #expect(try await find(DeliveryFilter(event: EventID("new"))).count == 2)
            #expect(try await find(DeliveryFilter(event: EventID("none"))).isEmpty)
            #expect(
                try await find(DeliveryFilter(subscription: "erp", eventType: "ticket.resolved"))
                    == [new.deliveries[0].id])
            #expect(
                try await find(DeliveryFilter(subscription: "erp", since: .t0 + .seconds(1)))
                    == [new.deliveries[0].id])
            let events = try await store.events(
                EventFilter(type: "ticket.created", since: .t0), before: nil, limit: 10)
            #expect(events.items.map(\.id.text) == ["old"])
        }
    }

    @Test(arguments: DeliveryStatus.allCases.filter { $0 != .pending && $0 != .delivered })
    func `the rare statuses are found by their index`(_ status: DeliveryStatus) async throws {
        let state = try TemporaryState()
        try await state.open { store in
            let sql = Store.listSQL(DeliveryFilter(status: status))
            let plan = try await store.read { database in
                try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + sql, arguments: [1000, 10])
                    .map { $0["detail"] as String }
            }
            #expect(plan.contains { $0.contains("delivery_status") }, "\(plan)")
            #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
        }
    }

    @Test func `secrets are listed as they were last seen`() async throws {
        try await TemporaryState().open { store in
            let seen = SecretStatus(name: "a", fingerprint: "f1", problem: "", changedAt: .t0)
            let missing = SecretStatus(name: "b", fingerprint: nil, problem: "ERP is not set", changedAt: .t0)
            try await store.replaceSecretStatuses([missing, seen])
            #expect(try await store.secretStatuses() == [seen, missing])
            try await store.replaceSecretStatuses([seen])
            #expect(try await store.secretStatuses() == [seen])
        }
    }
}
