package import JSON
package import Store

/// Lists as the API and the command line show them: `{"items":[…],"nextCursor":…}`.
package enum PageJSON {
    package static func value<Item>(_ page: Page<Item>, _ item: (Item) -> JSONValue) -> JSONValue {
        [
            "items": .array(page.items.map(item)),
            "nextCursor": page.next.map { .string(Cursor.text($0)) } ?? .null,
        ]
    }

    /// The place that a cursor stands for; nil for a text that is none.
    package static func place(_ cursor: String) -> CommitSequence? { try? Cursor.parse(cursor) }
}
