import GRDB
package import Resources

/// What one step of the engine leaves behind in a run: entries of its journal, and what the run is to be woken by.
package struct RunProgress: Sendable {
    package struct Entry: Sendable, Equatable {
        package var at: UnixTime
        /// JSON text.
        package var text: String

        package init(at: UnixTime, text: String) {
            self.at = at
            self.text = text
        }
    }

    /// What a step begins to wait for.
    package struct Wait: Sendable, Equatable {
        package var step: String
        package var source: WaitSource
        package var key: String

        package init(step: String, source: WaitSource, key: String) {
            self.step = step
            self.source = source
            self.key = key
        }
    }

    package var run: CommitSequence
    /// The length of the journal that the step was made from.
    package var after: Int
    /// The wake-ups that it has taken into account.
    package var wakes: Int64
    package var entries: [Entry] = []
    package var status: RunStatus
    /// Whether there is more to do at once, a request under way included.
    package var isReady: Bool
    package var wakeAt: UnixTime?
    package var begins: [Wait] = []
    /// Steps that do not wait any more.
    package var ends: [String] = []
    /// What was looked at for a step and does not fit.
    package var seen: [String: CommitSequence] = [:]
    /// Messages and events that resume a step of the run.
    package var takes: [String] = []
    /// Whether the command that the run had was carried out.
    package var handlesCommand = false
    package var error: String?
    /// JSON text of what the run leaves to the one that waits for it.
    package var outputs: String?
    /// Whether all but the entries is as the last step of the run left it, and nothing begins, ends or was looked at.
    package var isOnlyEntries = false

    package init(run: CommitSequence, after: Int, wakes: Int64, status: RunStatus, isReady: Bool) {
        self.run = run
        self.after = after
        self.wakes = wakes
        self.status = status
        self.isReady = isReady
    }

    /// Whether nothing but the run's own row and its entries are written.
    var isPlain: Bool {
        begins.isEmpty && ends.isEmpty && seen.isEmpty && takes.isEmpty && !status.isFinal
    }
}

/// Where the messages of a wait come from.
package enum WaitSource: Sendable, Hashable {
    case inbound(endpoint: String)
    /// Of a callback URL.
    case callback
    case event(pattern: String)

    /// The endpoint whose messages are those of callback URLs; no endpoint can have this name.
    package static let callbackEndpoint = "callbacks"

    var isEvent: Bool { if case .event = self { true } else { false } }

    var topic: String {
        switch self {
        case .inbound(let endpoint): endpoint
        case .callback: Self.callbackEndpoint
        case .event(let pattern): pattern
        }
    }

    init(source: String, topic: String) {
        switch (source, topic) {
        case ("event", _): self = .event(pattern: topic)
        case (_, Self.callbackEndpoint): self = .callback
        default: self = .inbound(endpoint: topic)
        }
    }
}

extension Contribution {
    /// Moves a run on; obstructed when its journal has grown since, or a message that it takes was taken.
    ///
    /// A run that was woken since it was looked at stays ready. One that ends makes room for the next with its key,
    /// and wakes the one that waits for it.
    package static func progress(_ progress: RunProgress, now: UnixTime) -> Contribution {
        Contribution(
            unless: { transaction in try isCurrent(progress, transaction) ? nil : .run },
            write: { transaction, _ in try RunWriting(transaction: transaction, now: now).write(progress) })
    }
}

/// The primary keys of both tables.
private func isCurrent(_ progress: RunProgress, _ transaction: Transaction) throws -> Bool {
    var isAsLong = false
    try transaction.statement(.runLength).forEach {
        $0.integer(1, progress.run.value)
    } _: { row in
        isAsLong = row.integer(0) == progress.after
        return false
    }
    guard isAsLong, !progress.takes.isEmpty else { return isAsLong }
    let isTaken = try transaction.database.cachedStatement(
        sql: "SELECT EXISTS (SELECT 1 FROM workflow_taken WHERE run_seq = ? AND message_id = ?)")
    return try progress.takes.allSatisfy {
        try Bool.fetchOne(isTaken, arguments: [progress.run.value, $0]) == false
    }
}

/// Writes the progress of a run that is as the progress says.
struct RunWriting {
    let transaction: Transaction
    let now: UnixTime

    private var database: Database { transaction.database }

    func write(_ progress: RunProgress) throws {
        try append(progress)
        if progress.isOnlyEntries { return try grow(progress) }
        for message in progress.takes { try take(message, by: progress.run, database) }
        for step in progress.ends { try end(step, of: progress.run) }
        for (step, sequence) in progress.seen { try markSeen(sequence, step, of: progress.run) }
        let hasMail = try progress.begins.filter { try begin($0, of: progress.run) }.isEmpty == false
        try update(progress, hasMail: hasMail)
        if hasMail { transaction.woken.append(progress.run) }
        if progress.status.isFinal { try release(progress.run) }
    }

    func append(_ progress: RunProgress) throws {
        let statement = try transaction.statement(.insertEntry)
        for (offset, entry) in progress.entries.enumerated() {
            try statement.run { row in
                row.integer(1, progress.run.value)
                row.integer(2, progress.after + offset + 1)
                row.integer(3, entry.at.milliseconds)
                row.text(4, entry.text)
            }
        }
    }

    /// A step of many, and nothing of the run has changed besides: what woke it meanwhile stays.
    private func grow(_ progress: RunProgress) throws {
        try transaction.statement(.growRun).run { row in
            row.integer(1, progress.run.value)
            row.integer(2, progress.after + progress.entries.count)
        }
    }

    /// `isCurrent` has looked at the run in the same transaction.
    private func update(_ progress: RunProgress, hasMail: Bool) throws {
        let isFinished = progress.status.isFinal
        try transaction.statement(.moveRun).run { row in
            row.integer(1, progress.run.value)
            row.text(2, progress.status.rawValue)
            row.integer(3, progress.after + progress.entries.count)
            row.integer(4, progress.isReady || hasMail ? 1 : 0)
            row.integer(5, progress.wakes)
            row.integer(6, isFinished ? nil : progress.wakeAt?.milliseconds)
            row.integer(7, progress.handlesCommand ? 1 : 0)
            row.text(8, progress.error)
            row.text(9, progress.outputs)
            row.integer(10, isFinished ? 1 : 0)
            row.integer(11, now.milliseconds)
        }
    }

    // MARK: Waits

    private func end(_ step: String, of run: CommitSequence) throws {
        try RowStatement(database, "DELETE FROM workflow_wait WHERE run_seq = ? AND step = ?").run { row in
            row.integer(1, run.value)
            row.text(2, step)
        }
    }

    private func markSeen(_ sequence: CommitSequence, _ step: String, of run: CommitSequence) throws {
        try RowStatement(
            database,
            "UPDATE workflow_wait SET seen_seq = ?3 WHERE run_seq = ?1 AND step = ?2 AND seen_seq < ?3"
        ).run { row in
            row.integer(1, run.value)
            row.text(2, step)
            row.integer(3, sequence.value)
        }
    }

    /// Returns whether something has come for it already.
    private func begin(_ wait: RunProgress.Wait, of run: CommitSequence) throws -> Bool {
        let isEvent = wait.source.isEvent
        let floor = try Int64.fetchOne(
            database.cachedStatement(
                sql:
                    "SELECT CASE WHEN ? THEN event_seq ELSE message_floor END FROM workflow_run WHERE seq = ?"
            ),
            arguments: [isEvent, run.value])
        try RowStatement(
            database,
            """
            INSERT INTO workflow_wait (run_seq, step, source, topic, key, seen_seq) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (run_seq, step) DO UPDATE SET source = excluded.source, topic = excluded.topic,
                key = excluded.key, seen_seq = excluded.seen_seq
            """
        ).run { row in
            row.integer(1, run.value)
            row.text(2, wait.step)
            row.text(3, isEvent ? "event" : "inbound")
            row.text(4, wait.source.topic)
            row.text(5, wait.key)
            row.integer(6, floor ?? 0)
        }
        // The primary key of workflow_event, or inbound_message_key.
        let mail =
            isEvent
            ? "SELECT EXISTS (SELECT 1 FROM workflow_event WHERE key = ?1 AND event_seq > ?2)"
            : "SELECT EXISTS (SELECT 1 FROM inbound_message WHERE endpoint = ?3 AND correlation_key = ?1 AND seq > ?2)"
        let values: [any DatabaseValueConvertible] = [wait.key, floor ?? 0]
        return try Bool.fetchOne(
            database.cachedStatement(sql: mail),
            arguments: StatementArguments(values + (isEvent ? [] : [wait.source.topic]))) ?? false
    }

    // MARK: Ends

    /// Most have no waits when they end, and deleting looks for them with a temporary table.
    private func isWaiting(_ run: CommitSequence) throws -> Bool {
        var isWaiting = false
        try transaction.statement(.firstWait).forEach {
            $0.integer(1, run.value)
        } _: { _ in
            isWaiting = true
            return false
        }
        return isWaiting
    }

    /// What the end of a run sets free. Waits go with it; the primary key and workflow_run_key find the rows.
    private func release(_ run: CommitSequence) throws {
        if try isWaiting(run) {
            try RowStatement(database, "DELETE FROM workflow_wait WHERE run_seq = ?").run {
                $0.integer(1, run.value)
            }
        }
        var ties: (workflow: String, key: String?, parent: Int64)?
        try transaction.statement(.runTies).forEach {
            $0.integer(1, run.value)
        } _: { row in
            // No run has the number 0.
            ties = (row.text(0), row.optionalText(1), row.integer(2))
            return false
        }
        guard let ties else { return }
        if ties.parent > 0 { try transaction.wake([CommitSequence(ties.parent)]) }
        if let key = ties.key { try transaction.admit(ties.workflow, key: key) }
    }
}
