import GRDB
import GRDBSQLite
import Resources
import Testing

@testable import Store

struct MigrationTests {
    /// A state as version 6 left it, with a delivery that failed after two attempts.
    private func version6(_ state: TemporaryState) async throws {
        let queue = try DatabaseQueue(path: state.path.file)
        try await queue.write { database in
            for migration in Migration.all.prefix(6) { try database.execute(sql: migration.sql) }
            try database.execute(
                sql: """
                    PRAGMA application_id = \(Migration.applicationID);
                    PRAGMA user_version = 6;
                    INSERT INTO event (seq, id, type, ts, data, source, accepted_ms)
                        VALUES (1, 'evt_1', 'ticket.created', '2026-01-01T00:00:00Z', '{}', 'token:a', 5);
                    INSERT INTO delivery (seq, id, event_seq, subscription, status, lane, next_attempt_ms, backoff_ms,
                        attempts, budget_start, created_ms, finished_ms) VALUES
                        (1, 'one', 1, 'erp', 'exhausted', 1, 7, 2, 2, 0, 5, 9),
                        (2, 'two', 1, 'chat', 'pending', 0, 0, 0, 0, 0, 5, NULL);
                    INSERT INTO attempt (delivery_seq, number, started_ms, outcome, status_code, error_class, error,
                        timing, headers, body, is_truncated) VALUES
                        (1, 1, 6, 'retry', 500, 'status', 'the receiver answered 500', '{"total":1}', '[]', x'00ff', 1),
                        (1, 2, 8, 'exhausted', NULL, 'dns', 'no address', '{}', NULL, NULL, 0);
                    """)
        }
        try queue.close()
    }

    @Test func `deliveries and their attempts survive the seventh step`() async throws {
        let state = try TemporaryState()
        try await version6(state)
        try await state.open { store in
            let one = try #require(try await store.delivery(DeliveryID("one")))
            #expect(one.delivery.status == .exhausted)
            #expect(
                one.attempts == [
                    Attempt(
                        number: 1, startedAt: UnixTime(milliseconds: 6), outcome: .retry, statusCode: 500,
                        errorClass: "status", error: "the receiver answered 500", timing: #"{"total":1}"#,
                        headers: "[]", body: [0, 255], isTruncated: true),
                    Attempt(
                        number: 2, startedAt: UnixTime(milliseconds: 8), outcome: .exhausted,
                        errorClass: "dns",
                        error: "no address"),
                ])
            let filter = DeliveryFilter(status: .exhausted)
            #expect(try await store.deliveries(filter, before: nil, limit: 9).items.map(\.id.text) == ["one"])
            #expect(try await store.due("chat").first.map(\.id.text) == ["two"])
        }
    }

    @Test(arguments: [
        "UPDATE delivery SET status = 'lost'", "UPDATE delivery SET lane = 3",
        "UPDATE delivery SET lane = -1",
        "UPDATE attempt SET outcome = 'lost'", "UPDATE attempt SET delivery_seq = 9",
    ])
    func `what the tables refused before the seventh step they refuse after it`(_ sql: String) async throws {
        let state = try TemporaryState()
        try await version6(state)
        try await state.open { store in
            _ = await #expect(throws: StoreError.self) {
                try await store.commits.perform { try $0.database.execute(sql: sql) }
            }
        }
    }

    @Test(arguments: ["lost", "", "Running"])
    func `what the table of runs refused before the eighth step it refuses after it`(_ status: String)
        async throws
    {
        let state = try TemporaryState()
        try await version6(state)
        try await state.open { store in
            let run = try #require(try await store.start(.sample(store)))
            _ = await #expect(throws: StoreError.self) {
                try await store.commits.perform {
                    try $0.database.execute(
                        sql: "UPDATE workflow_run SET status = ? WHERE seq = ?",
                        arguments: [status, run.sequence.value])
                }
            }
            #expect(try await store.status(run) == .running)
        }
    }

    @Test func `rows of the hot paths are written without a temporary table`() async throws {
        let state = try TemporaryState()
        try await state.open { store in
            for statement in HotStatement.allCases {
                let steps = try await store.read { database in
                    let explain = try database.makeStatement(sql: "EXPLAIN " + statement.sql)
                    let count = Int(sqlite3_bind_parameter_count(explain.sqliteStatement))
                    let nothing = StatementArguments([Int?](repeating: nil, count: count))
                    return try Row.fetchAll(explain, arguments: nothing).map { $0["opcode"] as String }
                }
                #expect(!steps.isEmpty)
                #expect(!steps.contains("OpenEphemeral"), "\(statement)")
            }
        }
    }
}
