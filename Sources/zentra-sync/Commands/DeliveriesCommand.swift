import ArgumentParser
import JSON
import Runtime
import Store

struct DeliveriesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliveries", abstract: "Deliveries: the log, and each attempt of one.",
        subcommands: [List.self, Show.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List deliveries, newest first.")

        @Option(help: "Only of this subscription.")
        var subscription: String?

        @Option(help: "Only with this status: pending, delivered, failed, exhausted, cancelled or expired.")
        var status: DeliveryStatus?

        @Option(help: "Only of this event.")
        var event: String?

        @Option(help: "Only since then: RFC 3339, or a duration ago such as 2h.")
        var since: SinceArgument?

        @OptionGroup var list: ListOptions
        @OptionGroup var live: LiveOptions

        func run() async throws {
            let header = ["DELIVERY", "SUBSCRIPTION", "TYPE", "STATUS", "ATTEMPTS", "LAST", "CREATED"]
            list.print(try await page(), header: header) { item in
                [
                    item["id"]?.string ?? "", item["subscription"]?.string ?? "",
                    item["eventType"]?.string ?? "",
                    item["status"]?.string ?? "", item["attempts"]?.int.map(String.init) ?? "", last(item),
                    item["createdAt"]?.string ?? "",
                ]
            }
        }

        private func last(_ item: JSONValue) -> String {
            item["lastStatusCode"]?.int.map(String.init) ?? item["lastErrorClass"]?.string ?? "-"
        }

        private func page() async throws -> JSONValue {
            if let server = try live.namedServer() {
                return try await server.get(
                    "/api/v1/deliveries",
                    query: [
                        ("subscription", subscription), ("status", status?.rawValue), ("event", event),
                        ("since", since?.time.description), ("limit", String(list.limit)),
                        ("cursor", list.cursor),
                    ])
            }
            let store = try live.state.openForReading()
            let filter = DeliveryFilter(
                subscription: subscription, status: status, event: event.map { EventID($0) },
                since: since?.time)
            let page = try await store.deliveries(filter, before: list.before(), limit: list.limit)
            try store.close()
            return PageJSON.value(page) { .object(DeliveryJSON.object($0)) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a delivery with every attempt.")

        @Argument(help: "The delivery's id.")
        var id: String

        @Option(help: "human or json.")
        var format = ListFormat.human

        @OptionGroup var live: LiveOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let delivery = try await delivery()
            switch format {
            case .json: Console.standard.print(delivery.prettyText)
            case .human: Console.standard.write(DeliveryText(palette: output.palette).text(delivery))
            }
        }

        private func delivery() async throws -> JSONValue {
            if let server = try live.namedServer() {
                return try await server.get("/api/v1/deliveries/\(PercentEncoding.encode(id))")
            }
            let store = try live.state.openForReading()
            let detail = try await store.delivery(DeliveryID(id))
            try store.close()
            guard let detail else { throw Failure("there is no delivery `\(id)`") }
            return .object(DeliveryJSON.object(detail))
        }
    }
}

extension DeliveryStatus: ExpressibleByArgument {}
