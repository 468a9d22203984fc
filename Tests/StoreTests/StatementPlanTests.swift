import GRDB
import GRDBSQLite
import Testing

@testable import Store

/// What is open is found by the index of what is open, however much came to its end before.
struct StatementPlanTests {
    private static let pending = [
        Store.oldestPendingSQL, Store.oldestPendingListSQL, Store.countPendingSQL, Store.cancelPendingSQL,
        Store.writeCancellationsSQL,
        Store.listSQL(DeliveryFilter(status: .pending), pendingAreRare: true),
        Store.listSQL(DeliveryFilter(subscription: "erp", status: .pending), pendingAreRare: true),
        Store.listSQL(DeliveryFilter(status: .pending, eventType: "a", since: .t0), pendingAreRare: true),
    ]

    @Test(arguments: pending)
    func `no statement about pending deliveries passes over what was delivered`(_ sql: String) async throws {
        let plan = try await plan(of: sql)
        #expect(plan.contains { $0.contains("delivery_due") }, "\(plan)")
        let others = [
            "delivery_log", "SCAN delivery", "SCAN d USING INTEGER",
            "SEARCH d USING INTEGER PRIMARY KEY (rowid<",
        ]
        for other in others { #expect(!plan.contains { $0.contains(other) }, "\(plan)") }
        #expect(!plan.contains("SCAN d"), "\(plan)")
    }

    @Test(arguments: [Store.unfinishedRunsSQL, Store.secretsInUseSQL, Store.forgetSecretsSQL])
    func `no statement about open runs passes over those that ended`(_ sql: String) async throws {
        let plan = try await plan(of: sql)
        #expect(plan.contains { $0.contains("workflow_run_open") }, "\(plan)")
        let others = plan.filter { $0.contains("workflow_run") && !$0.contains("workflow_run_open") }
        #expect(others.isEmpty, "\(plan)")
    }

    @Test func `a run begins without a look at those of its workflow that ended`() async throws {
        let plan = try await plan(of: RunStarting.openRunsOfKeySQL)
        #expect(
            plan.contains { $0.contains("workflow_run_key (workflow=? AND concurrency_key=?)") }, "\(plan)")
    }

    private func plan(of sql: String) async throws -> [String] {
        try await TemporaryState().open { store in
            try await store.read { database in
                let explain = try database.makeStatement(sql: "EXPLAIN QUERY PLAN " + sql)
                let count = Int(sqlite3_bind_parameter_count(explain.sqliteStatement))
                let nothing = StatementArguments([Int?](repeating: nil, count: count))
                return try Row.fetchAll(explain, arguments: nothing).map { $0["detail"] as String }
            }
        }
    }
}
