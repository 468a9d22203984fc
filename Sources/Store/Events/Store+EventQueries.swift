import GRDB

/// A page of a list, newest first.
package struct Page<Item: Sendable>: Sendable {
    package let items: [Item]
    /// The place to go on from; nil at the end.
    package let next: CommitSequence?

    /// - Parameter items: up to `limit` + 1 of them; the last only shows that there are more.
    init(_ items: [Item], limit: Int, sequence: (Item) -> CommitSequence) {
        self.items = Array(items.prefix(limit))
        next = items.count > limit ? self.items.last.map(sequence) : nil
    }
}

package struct EventFilter: Sendable {
    package var type: String?
    package var since: UnixTime?

    package init(type: String? = nil, since: UnixTime? = nil) {
        self.type = type
        self.since = since
    }
}

extension Store {
    /// - Parameter before: only rows committed before this one.
    package func events(_ filter: EventFilter, before: CommitSequence?, limit: Int) async throws -> Page<
        Event
    > {
        try await read { database in
            // The primary key gives the order.
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM event WHERE seq < ? AND (? IS NULL OR type = ?) AND accepted_ms >= ?
                    ORDER BY seq DESC LIMIT ?
                    """,
                arguments: [
                    before?.value ?? .max, filter.type, filter.type, filter.since?.milliseconds ?? 0,
                    limit + 1,
                ])
            return Page(rows.map(Event.init), limit: limit, sequence: \.sequence)
        }
    }

    package func event(_ id: EventID) async throws -> Event? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM event WHERE id = ?", arguments: [id.text]).map(
                Event.init)
        }
    }
}
