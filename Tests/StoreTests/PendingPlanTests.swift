import GRDB
import GRDBSQLite
import Testing

@testable import Store

/// What is pending is found by the index of it, however much was delivered.
struct PendingPlanTests {
    @Test(arguments: [
        Store.oldestPendingSQL, Store.oldestPendingListSQL, Store.countPendingSQL, Store.cancelPendingSQL,
        Store.writeCancellationsSQL,
    ])
    func `no statement about pending deliveries passes over what was delivered`(_ sql: String) async throws {
        try await TemporaryState().open { store in
            let plan = try await store.read { database in
                let explain = try database.makeStatement(sql: "EXPLAIN QUERY PLAN " + sql)
                let count = Int(sqlite3_bind_parameter_count(explain.sqliteStatement))
                let nothing = StatementArguments([Int?](repeating: nil, count: count))
                return try Row.fetchAll(explain, arguments: nothing).map { $0["detail"] as String }
            }
            #expect(plan.contains { $0.contains("delivery_due") }, "\(plan)")
            let others = plan.filter { $0.contains("delivery_log") || $0.contains("SCAN delivery") }
            #expect(others.isEmpty, "\(plan)")
        }
    }
}
