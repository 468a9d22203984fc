import ArgumentParser
import JSON
import Runtime
import Store

/// The options that all lists have.
struct ListOptions: ParsableArguments {
    @Option(help: "How many, 1 to 200.")
    var limit = 50

    @Option(help: "Where to go on; what the last page printed.")
    var cursor: String?

    @Option(help: "human or json.")
    var format = ListFormat.human

    func validate() throws {
        guard 1...200 ~= limit else { throw ValidationError("--limit is a number from 1 to 200") }
    }

    /// A page from the sidecar that --server names, or from the state file.
    func page<Item: Sendable>(
        of path: String, _ filter: [(String, String?)], _ live: LiveOptions,
        orState read: (Store, _ before: CommitSequence?) async throws -> Page<Item>,
        _ json: (Item) -> JSONValue
    ) async throws -> JSONValue {
        let before = try before()
        let query = filter + [("limit", String(limit)), ("cursor", cursor)]
        return try await live.read(path, query: query) { store in
            PageJSON.value(try await read(store, before), json)
        }
    }

    /// The place to go on from.
    private func before() throws -> CommitSequence? {
        guard let cursor else { return nil }
        guard let place = PageJSON.place(cursor) else {
            throw Failure("`\(cursor)` is not a cursor that a list printed")
        }
        return place
    }

    /// Prints a page as it came, or as a table.
    func print(_ page: JSONValue, _ columns: [Table.Column], row: (JSONValue) -> [String]) {
        if format == .json { return Console.standard.print(page.prettyText) }
        let items = page["items"]?.array ?? []
        guard !items.isEmpty else { return Console.standard.note("nothing to list") }
        var table = Table(columns)
        for item in items { table.add(row(item)) }
        Console.standard.write(table.text())
        if let next = page["nextCursor"]?.string { Console.standard.note("more with --cursor \(next)") }
    }
}

/// A time on the command line: RFC 3339, or a duration ago.
struct SinceArgument: ExpressibleByArgument {
    let time: UnixTime

    init?(argument: String) {
        if let time = UnixTime(rfc3339: argument) {
            self.time = time
        } else if let ago = DurationArgument(argument: argument) {
            time = .now() - ago.duration
        } else {
            return nil
        }
    }
}
