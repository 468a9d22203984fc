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

    /// A state as the first steps left it, with a row in every table that the first one made.
    private func state(ofVersion version: Int) async throws -> TemporaryState {
        let state = try TemporaryState()
        let queue = try DatabaseQueue(path: state.path.file)
        try await queue.write { database in
            for migration in Migration.all.prefix(version) { try database.execute(sql: migration.sql) }
            try database.execute(
                sql: """
                    PRAGMA application_id = \(Migration.applicationID);
                    PRAGMA user_version = \(version);
                    INSERT INTO state (id, state_id, serial, live_digest, created_ms, clock_ms)
                        VALUES (1, 'mine', 7, 'digest', 1, 2);
                    INSERT INTO sync (id, source, applied_commit, applied_subject, applied_ms, noop_key, seen_commit,
                        result, reason, message, attempt_ms, success_ms, failures)
                        VALUES (1, 'repo', 'c0ffee', 'Change', 3, '', 'c0ffee', 'synced', '', '', 3, 3, 0);
                    INSERT INTO resource (kind, name, canonical, digest, is_protected, file, line, commit_id, serial,
                        created_ms, updated_ms)
                        VALUES ('Subscription', 'erp', '{"a":1}', 'sha', 1, 'erp.yaml', 3, 'c0ffee', 7, 1, 1);
                    INSERT INTO revision (serial, commit_id, subject, plan_digest, created, updated, deleted, applied_by,
                        applied_ms, duration_ms) VALUES (7, 'c0ffee', 'Change', 'plan', 1, 0, 0, 'me', 3, 4);
                    INSERT INTO lease VALUES ('apply', 'run', 'there', 1, 'boot', 1, 2, 3);
                    INSERT INTO secret_status VALUES ('s', 'print', '', 1);
                    INSERT INTO event (seq, id, type, ts, data, source, accepted_ms)
                        VALUES (4, 'evt_1', 'ticket.created', '2026-01-01T00:00:00Z', '{"n":1.50}', 'token:a', 5);
                    INSERT INTO delivery (seq, id, event_seq, subscription, status, lane, next_attempt_ms, backoff_ms,
                        attempts, budget_start, created_ms, finished_ms) VALUES
                        (8, '01M8DGNP8N5RDWSEK59MS28586', 4, 'erp', 'pending', 1, 7, 2, 1, 0, 5, NULL);
                    INSERT INTO attempt (delivery_seq, number, started_ms, outcome, status_code, error_class, error,
                        timing, headers, body, is_truncated)
                        VALUES (8, 1, 6, 'retry', 500, 'status', 'no', '{}', '[]', x'00ff', 0);
                    INSERT INTO idempotency_key (caller, key, request_digest, status, answer, created_ms)
                        VALUES ('a', 'k', 'sha', 202, '{}', 5);
                    """)
        }
        try queue.close()
        return state
    }

    @Test(arguments: 1..<Migration.current)
    func `a state of every earlier version is opened with all that is in it, and goes on`(_ version: Int)
        async throws
    {
        let state = try await state(ofVersion: version)
        #expect(throws: StoreError.older(path: state.path.file)) {
            try Store.open(state.path, mode: .read, now: .t0)
        }
        try await state.open { store in
            #expect(try await store.stateID() == "mine")
            #expect(try await store.liveConfiguration().resources.map(\.canonical) == [#"{"a":1}"#])
            #expect(try await store.syncRecord().appliedCommit == "c0ffee")
            #expect(try await store.lease()?.holder.owner == "run")
            #expect(try await store.secretStatuses().map(\.fingerprint) == ["print"])
            #expect(try await store.pendingDeliveries() == ["erp": 1])
            let due = try #require(try await store.due().retries.first)
            #expect(due.attempts == 1 && due.event.data == Array(#"{"n":1.50}"#.utf8))
            let log = try #require(try await store.delivery(due.id))
            #expect(log.attempts.map(\.body) == [[0, 255]])
            // What comes next stands behind it.
            let next = try await store.accept(.sample())
            #expect(next.sequence > due.event.sequence && next.deliveries[0].id.text > due.id.text)
            try await store.record(next.deliveries[0], .delivered)
        }
        let backup = try DatabaseQueue(path: state.path.backup(version: version))
        #expect(try await backup.read { try SchemaVersion($0).version } == version)
        #expect(try await backup.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM delivery") } == 1)
        try backup.close()
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
