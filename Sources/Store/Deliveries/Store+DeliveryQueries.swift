import GRDB

package struct DeliveryFilter: Sendable {
    package var subscription: String?
    package var status: DeliveryStatus?
    package var event: EventID?
    package var eventType: String?
    package var since: UnixTime?

    package init(
        subscription: String? = nil, status: DeliveryStatus? = nil, event: EventID? = nil,
        eventType: String? = nil, since: UnixTime? = nil
    ) {
        self.subscription = subscription
        self.status = status
        self.event = event
        self.eventType = eventType
        self.since = since
    }
}

/// One delivery with everything that is kept of it.
package struct DeliveryDetail: Sendable {
    package let delivery: Delivery
    package let event: Event
    /// The rendered body of a subscription with a `body` of its own.
    package let body: String?
    package let orderKey: String?
    /// Oldest first; older ones than the delivery log keeps are absent.
    package let attempts: [Attempt]
}

extension Store {
    private static let columns = """
        SELECT d.*, CASE WHEN d.status = 'pending' AND \(isCancelled("d"))
                THEN iif(d.was_delivered, 'delivered', 'cancelled') ELSE d.status END AS effective_status,
            e.id AS event_id, e.type AS event_type, a.status_code, a.error_class, a.error
        FROM delivery d JOIN event e ON e.seq = d.event_seq
            LEFT JOIN attempt a ON a.delivery_seq = d.seq AND a.number = d.attempts
        """

    /// Newest first.
    package func deliveries(
        _ filter: DeliveryFilter, before: CommitSequence?, limit: Int
    ) async throws -> Page<Delivery> {
        try await read { database in
            let values: [(any DatabaseValueConvertible)?] = [
                filter.subscription, filter.event?.text, filter.eventType, filter.since?.milliseconds,
            ]
            let isRare = try Self.arePendingRare(filter, database)
            let rows = try Row.fetchAll(
                database, sql: Self.listSQL(filter, pendingAreRare: isRare),
                arguments: StatementArguments(
                    [before?.value ?? .max] + values.compactMap(\.self) + [limit + 1]))
            return Page(rows.map(Delivery.init), limit: limit, sequence: \.sequence)
        }
    }

    /// The primary key, delivery_log, delivery_event or delivery_status gives the order.
    ///
    /// Parameters: the upper bound of the sequence, what the filter has of subscription, event, type and time, the limit.
    ///
    /// - Parameter pendingAreRare: looks for pending ones in delivery_due, which holds nothing else, instead of going
    ///   through the log from its end; good for few.
    static func listSQL(_ filter: DeliveryFilter, pendingAreRare: Bool = false) -> String {
        // The sign keeps the order by sequence out of the choice of an index.
        let sequence = pendingAreRare ? "+d.seq" : "d.seq"
        var conditions = ["\(sequence) < ?"]
        if filter.subscription != nil { conditions.append("d.subscription = ?") }
        if filter.event != nil { conditions.append("d.event_seq = (SELECT seq FROM event WHERE id = ?)") }
        if filter.eventType != nil { conditions.append("e.type = ?") }
        if filter.since != nil { conditions.append("d.created_ms >= ?") }
        if let status = filter.status {
            // Literals, and the very condition of delivery_status: SQLite takes a partial index for no less.
            conditions.append("d.status = '\(status.rawValue)'")
            if status == .pending { conditions.append("NOT \(isCancelled("d"))") }
            if status != .pending && status != .delivered {
                conditions.append("d.status <> 'pending' AND d.status <> 'delivered'")
            }
        }
        if pendingAreRare, filter.subscription != nil { conditions.append("d.lane IN (0, 1, 2)") }
        return columns + " WHERE \(conditions.joined(separator: " AND ")) ORDER BY \(sequence) DESC LIMIT ?"
    }

    /// Whether so few deliveries are pending, of those that a filter for pending ones looks at, that sorting them costs
    /// nothing to speak of.
    private static func arePendingRare(_ filter: DeliveryFilter, _ database: Database) throws -> Bool {
        guard filter.status == .pending, filter.event == nil else { return false }
        let isOfSubscription = filter.subscription == nil ? "" : "AND subscription = ? AND lane IN (0, 1, 2)"
        let count = try Int.fetchOne(
            database,
            sql: """
                SELECT count(*) FROM (SELECT 1 FROM delivery WHERE status = 'pending' \(isOfSubscription) LIMIT ?)
                """,
            arguments: StatementArguments(
                ([filter.subscription] as [(any DatabaseValueConvertible)?]).compactMap(\.self) + [rare + 1]))
        return (count ?? 0) <= rare
    }

    private static let rare = 1000

    package func delivery(_ id: DeliveryID) async throws -> DeliveryDetail? {
        try await read { database in
            guard
                let row = try Row.fetchOne(
                    database, sql: Self.columns + " WHERE d.id = ?", arguments: [id.text]),
                let event = try Row.fetchOne(
                    database, sql: "SELECT * FROM event WHERE seq = ?", arguments: [row["event_seq"] as Int64]
                )
            else { return nil }
            let attempts = try Row.fetchAll(
                database, sql: "SELECT * FROM attempt WHERE delivery_seq = ? ORDER BY number",
                arguments: [row["seq"] as Int64])
            return DeliveryDetail(
                delivery: Delivery(row), event: Event(event), body: row["body"], orderKey: row["order_key"],
                attempts: attempts.map(Attempt.init))
        }
    }
}
