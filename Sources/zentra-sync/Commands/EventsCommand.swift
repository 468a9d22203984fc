import ArgumentParser
import Glibc
import JSON
import Resources
import Runtime
import Store

struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Events: the catalogue, sending one, the latest.",
        subcommands: [Catalog.self, Send.self, List.self])

    struct Catalog: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the event types.")

        @Option(help: "human or json.")
        var format = ListFormat.human

        func run() {
            switch format {
            case .json: Console.standard.print(EventJSON.catalog.prettyText)
            case .human:
                var table = Table([.init("EVENT"), .init("WHEN", .wrapped)])
                for type in EventCatalog.types { table.add([type.name, type.doc]) }
                table.add(["custom.<name>", "What producers and workflows send under names of their own."])
                Console.standard.write(table.text())
            }
        }
    }

    struct Send: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hand an event to the sidecar; it is durable when the command returns.")

        @Argument(help: "The event type, such as ticket.created.")
        var type: TextArgument

        @Option(
            help: ArgumentHelp(
                "The file with the event's data, a JSON object; - is standard input.", valueName: "file|-"),
            completion: .file())
        var data: String

        @Option(help: "The event's id; a repeated one is accepted and does nothing.")
        var id: TextArgument?

        @OptionGroup var live: LiveOptions

        func run() async throws {
            var event: JSONObject = ["event": .string(type.text)]
            event["id"] = (id?.text).map(JSONValue.string)
            let text = try InputFile.read(data)
            do {
                event["data"] = try JSONValue(parsing: text)
            } catch {
                throw Failure("cannot read the event's data from \(data): \(error)")
            }
            let answer = try await live.sidecar().post("/api/v1/events", body: JSONValue.object(event).utf8)
            Console.standard.print(answer.text)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List events, newest first.")

        @Option(help: "Only this event type.")
        var type: TextArgument?

        @Option(
            help: ArgumentHelp("Only since then: RFC 3339, or a duration ago such as 2h.", valueName: "time"))
        var since: SinceArgument?

        @OptionGroup var list: ListOptions
        @OptionGroup var live: LiveOptions

        func run() async throws {
            let columns: [Table.Column] = [
                .init("EVENT"), .init("TYPE", .cut), .init("TIME", .time), .init("SOURCE", .optional),
            ]
            list.print(try await page(), columns) { item in
                ["id", "event", "ts", "source"].map { item[$0]?.string ?? "" }
            }
        }

        private func page() async throws -> JSONValue {
            try await list.page(
                of: "/api/v1/events", [("type", type?.text), ("since", since?.time.description)], live
            ) { store, before in
                let filter = EventFilter(type: type?.text, since: since?.time)
                return try await store.events(filter, before: before, limit: list.limit)
            } _: {
                EventJSON.value($0)
            }
        }
    }
}

/// A file named on the command line, `-` for standard input.
enum InputFile {
    /// Larger input is refused, in bytes.
    static let limit = 64 << 20

    static func read(_ path: String) throws -> [UInt8] {
        guard !path.isEmpty else { throw Failure("the file to read has no name", status: .usage) }
        let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Failure("cannot read \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                throw Failure("cannot read \(path): \(String(cString: strerror(errno)))")
            }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw Failure("\(path) is larger than 64 MiB") }
        }
    }
}
