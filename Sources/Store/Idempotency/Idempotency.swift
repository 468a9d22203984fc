import GRDB

/// The key that a client gave to a request, with who gave it: keys of different callers have nothing to do with each
/// other.
package struct IdempotencyKey: Sendable, Hashable {
    package let caller: String
    package let key: String

    package init(caller: String, key: String) {
        self.caller = caller
        self.key = key
    }

    /// How long an answer is kept.
    package static let retention = Duration.seconds(86_400)
}

extension Contribution {
    /// Keeps the answer of a request together with its effect; obstructed when there is one already.
    ///
    /// - Parameter answer: made once the events have their places.
    package static func answer(
        to key: IdempotencyKey, now: UnixTime, _ answer: @escaping @Sendable ([AcceptedEvent]) -> StoredAnswer
    ) -> Contribution {
        Contribution(
            unless: { try storedAnswer(key, now: now, $0.database).map(Obstacle.repeated) },
            write: { transaction, accepted in
                try keepAnswer(answer(accepted), to: key, now: now, transaction.database)
            })
    }
}

extension Store {
    /// The answer that a request with this key got; nil when there is none that still counts.
    package func answer(to key: IdempotencyKey, now: UnixTime) async throws -> StoredAnswer? {
        try await read { try storedAnswer(key, now: now, $0) }
    }

    /// Forgets answers whose time is over; returns how many.
    package func pruneAnswers(now: UnixTime) async throws -> Int {
        try await write { database in
            // idempotency_key_age
            try database.execute(
                sql: "DELETE FROM idempotency_key WHERE created_ms < ?",
                arguments: [(now - IdempotencyKey.retention).milliseconds])
            return database.changesCount
        }
    }
}

/// Keeps an answer for a day; an expired one is replaced.
func keepAnswer(_ answer: StoredAnswer, to key: IdempotencyKey, now: UnixTime, _ database: Database) throws {
    try database.execute(
        sql: """
            INSERT INTO idempotency_key (caller, key, request_digest, status, answer, headers, created_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (caller, key) DO UPDATE SET request_digest = excluded.request_digest,
                status = excluded.status, answer = excluded.answer, headers = excluded.headers,
                created_ms = excluded.created_ms
            """,
        arguments: [
            key.caller, key.key, answer.requestDigest, answer.status, answer.body,
            HeaderText.write(answer.headers), now.milliseconds,
        ])
}

/// The answer that is kept for a key; nil when there is none that still counts.
func storedAnswer(_ key: IdempotencyKey, now: UnixTime, _ database: Database) throws -> StoredAnswer? {
    try Row.fetchOne(
        database,
        sql: "SELECT * FROM idempotency_key WHERE caller = ? AND key = ? AND created_ms >= ?",
        arguments: [key.caller, key.key, (now - IdempotencyKey.retention).milliseconds]
    ).map { row in
        StoredAnswer(
            requestDigest: row["request_digest"], status: row["status"],
            headers: HeaderText.read(row["headers"]),
            body: row["answer"])
    }
}
