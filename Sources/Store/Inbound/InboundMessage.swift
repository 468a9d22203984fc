import GRDB

/// A message of another system that a run may wait for.
package struct InboundMessage: Sendable, Equatable {
    package var id: String
    package var endpoint: String
    package var correlationKey: String
    /// JSON text of the parsed body and of the header fields.
    package var data: String
    package var headers: String
    package var receivedAt: UnixTime
    /// Kept until then, although no run waits for it.
    package var expiresAt: UnixTime

    package init(
        id: String, endpoint: String, correlationKey: String, data: String, headers: String,
        receivedAt: UnixTime, expiresAt: UnixTime
    ) {
        self.id = id
        self.endpoint = endpoint
        self.correlationKey = correlationKey
        self.data = data
        self.headers = headers
        self.receivedAt = receivedAt
        self.expiresAt = expiresAt
    }

    init(_ row: Row) {
        self.init(
            id: row["id"], endpoint: row["endpoint"], correlationKey: row["correlation_key"],
            data: row["data"],
            headers: row["headers"], receivedAt: UnixTime(milliseconds: row["received_ms"]),
            expiresAt: UnixTime(milliseconds: row["expires_ms"]))
    }
}

extension Contribution {
    /// Stores a message by endpoint and key, for runs that wait for it or will.
    package static func message(_ message: InboundMessage) -> Contribution {
        Contribution(write: { transaction, _ in
            try transaction.database.execute(
                sql: """
                    INSERT INTO inbound_message (id, endpoint, correlation_key, data, headers, received_ms, expires_ms)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    message.id, message.endpoint, message.correlationKey, message.data, message.headers,
                    message.receivedAt.milliseconds, message.expiresAt.milliseconds,
                ])
            try transaction.wakeWaiting(endpoint: message.endpoint, key: message.correlationKey)
        })
    }

    /// Stores a message unless there is one with its key; then it is obstructed, by `version`.
    package static func firstMessage(_ message: InboundMessage) -> Contribution {
        let storing = Contribution.message(message)
        return Contribution(
            unless: { transaction in
                // inbound_message_key
                let isThere = try Bool.fetchOne(
                    transaction.database.cachedStatement(
                        sql: """
                            SELECT EXISTS (SELECT 1 FROM inbound_message
                                WHERE endpoint = ? AND correlation_key = ?)
                            """), arguments: [message.endpoint, message.correlationKey])
                return isThere == true ? .version : nil
            }, write: storing.write)
    }

    /// Remembers the answer to a message with an id of its own; obstructed when the id is known.
    ///
    /// - Parameter answer: JSON text, made once the events have their places.
    package static func inboundAnswer(
        endpoint: String, messageID: String, now: UnixTime, expiresAt: UnixTime,
        _ answer: @escaping @Sendable ([AcceptedEvent]) -> String
    ) -> Contribution {
        Contribution(
            unless: { transaction in
                try knownAnswer(endpoint, messageID, now: now, transaction.database).map { answer in
                    .repeated(StoredAnswer(requestDigest: "", status: 200, body: answer))
                }
            },
            write: { transaction, accepted in
                // An expired one is replaced.
                try transaction.database.execute(
                    sql: """
                        INSERT INTO inbound_answer (endpoint, message_id, answer, expires_ms) VALUES (?, ?, ?, ?)
                        ON CONFLICT (endpoint, message_id) DO UPDATE SET answer = excluded.answer,
                            expires_ms = excluded.expires_ms
                        """, arguments: [endpoint, messageID, answer(accepted), expiresAt.milliseconds])
            })
    }
}

extension Store {
    /// Messages for a key in commit order.
    package func inboundMessages(endpoint: String, key: String) async throws -> [InboundMessage] {
        try await read { database in
            // inbound_message_key
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM inbound_message WHERE endpoint = ? AND correlation_key = ? ORDER BY seq",
                arguments: [endpoint, key]
            ).map(InboundMessage.init)
        }
    }

    /// Forgets messages and answers to them whose time is over, at most `limit` of each; returns how many.
    package func pruneInbound(now: UnixTime, limit: Int) async throws -> Int {
        try await write { database in
            var count = 0
            // inbound_message_age, inbound_answer_age
            try database.execute(
                sql: """
                    DELETE FROM inbound_message WHERE seq IN
                        (SELECT seq FROM inbound_message WHERE expires_ms < ? ORDER BY expires_ms LIMIT ?)
                    """, arguments: [now.milliseconds, limit])
            count += database.changesCount
            try database.execute(
                sql: """
                    DELETE FROM inbound_answer WHERE (endpoint, message_id) IN
                        (SELECT endpoint, message_id FROM inbound_answer WHERE expires_ms < ?
                        ORDER BY expires_ms LIMIT ?)
                    """, arguments: [now.milliseconds, limit])
            return count + database.changesCount
        }
    }
}

private func knownAnswer(
    _ endpoint: String, _ messageID: String, now: UnixTime, _ database: Database
) throws -> String? {
    try String.fetchOne(
        database,
        sql: "SELECT answer FROM inbound_answer WHERE endpoint = ? AND message_id = ? AND expires_ms >= ?",
        arguments: [endpoint, messageID, now.milliseconds])
}
