import GRDB
package import Resources

/// What a list of runs is narrowed by.
package struct RunFilter: Sendable {
    package var workflow: String?
    package var status: RunStatus?
    package var since: UnixTime?

    package init(workflow: String? = nil, status: RunStatus? = nil, since: UnixTime? = nil) {
        self.workflow = workflow
        self.status = status
        self.since = since
    }
}

/// One run with everything that is kept of it.
package struct RunDetail: Sendable {
    package let run: WorkflowRun
    package let event: Event
    package let start: String
    package let revision: WorkflowRevision
    package let journal: [RunProgress.Entry]
    package let outputs: String?
    /// Runs that do this one again, and those that it waits for.
    package let retries: [WorkflowRunID]
    package let children: [WorkflowRunID]
}

extension Store {
    /// Newest first.
    package func runs(_ filter: RunFilter, before: CommitSequence?, limit: Int) async throws -> Page<
        WorkflowRun
    > {
        try await read { database in
            let values: [(any DatabaseValueConvertible)?] = [filter.workflow, filter.since?.milliseconds]
            let rows = try Row.fetchAll(
                database, sql: Self.runListSQL(filter),
                arguments: StatementArguments(
                    [before?.value ?? .max] + values.compactMap(\.self) + [limit + 1]))
            return Page(try rows.map(WorkflowRun.init), limit: limit, sequence: \.sequence)
        }
    }

    /// The primary key, workflow_run_workflow or workflow_run_status gives the order.
    ///
    /// Parameters: the upper bound of the sequence, what the filter has of workflow and time, the limit.
    static func runListSQL(_ filter: RunFilter) -> String {
        var conditions = ["r.seq < ?"]
        if filter.workflow != nil { conditions.append("r.workflow = ?") }
        if filter.since != nil { conditions.append("r.created_ms >= ?") }
        if let status = filter.status {
            // Literals, and the very condition of workflow_run_status: SQLite takes a partial index for no less.
            conditions.append("r.status = '\(status.rawValue)'")
            if status != .succeeded { conditions.append("r.status <> 'succeeded'") }
        }
        return WorkflowRun.columns
            + " WHERE \(conditions.joined(separator: " AND ")) ORDER BY r.seq DESC LIMIT ?"
    }

    package func run(_ id: WorkflowRunID) async throws -> RunDetail? {
        try await read { database in
            guard
                let row = try Row.fetchOne(
                    database, sql: WorkflowRun.columns + " WHERE r.id = ?", arguments: [id.text]),
                let event = try Row.fetchOne(
                    database, sql: "SELECT * FROM event WHERE seq = ?", arguments: [row["event_seq"] as Int64]
                ),
                let revision = try Row.fetchOne(
                    database, sql: "SELECT * FROM workflow_revision WHERE digest = ?",
                    arguments: [row["digest"] as String])
            else { return nil }
            let run = try WorkflowRun(row)
            // workflow_run_retry and workflow_run_parent
            let retries = try String.fetchAll(
                database,
                sql: "SELECT id FROM workflow_run WHERE retry_of = ? AND retry_of IS NOT NULL ORDER BY seq",
                arguments: [id.text])
            let children = try String.fetchAll(
                database,
                sql:
                    "SELECT id FROM workflow_run WHERE parent_seq = ? AND parent_seq IS NOT NULL ORDER BY seq",
                arguments: [run.sequence.value])
            return RunDetail(
                run: run, event: Event(event), start: row["start"],
                revision: WorkflowRevision(
                    digest: revision["digest"], workflow: revision["workflow"],
                    canonical: revision["canonical"], secrets: []),
                journal: try journal(of: run.sequence, database), outputs: row["outputs"],
                retries: retries.map { WorkflowRunID($0) }, children: children.map { WorkflowRunID($0) })
        }
    }

    /// Where a run stands; nil for one that there is not.
    package func runStatus(_ id: WorkflowRunID) async throws -> RunStatus? {
        try await read { database in
            try String.fetchOne(
                database.cachedStatement(sql: "SELECT status FROM workflow_run WHERE id = ?"),
                arguments: [id.text]
            ).flatMap(RunStatus.init)
        }
    }

    /// What became of a run that an attempt of a step waits for: nil while it has not ended.
    package func childResult(of parent: CommitSequence, step: String, attempt: Int) async throws
        -> ChildResult?
    {
        try await read { database in
            // workflow_run_parent
            try Row.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT id, status, error, outputs, finished_ms FROM workflow_run
                        WHERE parent_seq = ? AND parent_seq IS NOT NULL AND parent_step = ? AND parent_attempt = ?
                        """), arguments: [parent.value, step, attempt]
            ).flatMap { row in
                guard row["finished_ms"] as Int64? != nil,
                    let status = RunStatus(rawValue: row["status"])
                else { return nil }
                return ChildResult(
                    id: WorkflowRunID(row["id"]), status: status, error: row["error"], outputs: row["outputs"]
                )
            }
        }
    }

    /// How many runs of each workflow have not ended, by status.
    package func openRuns() async throws -> [String: [RunStatus: Int]] {
        try await runCounts(RunStatus.allCases.filter { !$0.isFinal })
    }

    /// How many runs of each workflow have one of these statuses.
    ///
    /// - Precondition: `succeeded` is not among them.
    package func runCounts(_ statuses: [RunStatus]) async throws -> [String: [RunStatus: Int]] {
        let list = statuses.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return try await read { database in
            // workflow_run_status: a range for each.
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT workflow, status, count(*) AS n FROM workflow_run
                    WHERE status <> 'succeeded' AND status IN (\(list)) GROUP BY workflow, status
                    """)
            return rows.reduce(into: [:]) { counts, row in
                guard let status = RunStatus(rawValue: row["status"]) else { return }
                counts[row["workflow"], default: [:]][status] = row["n"]
            }
        }
    }
}

/// How a run ended that another one waits for.
package struct ChildResult: Sendable, Equatable {
    package let id: WorkflowRunID
    package let status: RunStatus
    /// JSON texts.
    package let error: String?
    package let outputs: String?
}
