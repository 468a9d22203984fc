import ArgumentParser
import JSON
import Runtime
import Store

struct DeliveriesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliveries", abstract: "Deliveries: the log, and each attempt of one.",
        subcommands: [List.self, Show.self, Redeliver.self, Replay.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List deliveries, newest first.")

        @Option(help: "Only of this subscription.")
        var subscription: TextArgument?

        @Option(help: "Only with this status: pending, delivered, failed, exhausted, cancelled or expired.")
        var status: DeliveryStatus?

        @Option(help: "Only of the event with this id, or of events of this type.")
        var event: TextArgument?

        @Option(
            help: ArgumentHelp("Only since then: RFC 3339, or a duration ago such as 2h.", valueName: "time"))
        var since: SinceArgument?

        @OptionGroup var list: ListOptions
        @OptionGroup var live: LiveOptions

        func run() async throws {
            let columns: [Table.Column] = [
                .init("DELIVERY"), .init("SUBSCRIPTION", .cut), .init("TYPE", .optional), .init("STATUS"),
                .init("ATTEMPTS"), .init("LAST"), .init("CREATED", .time),
            ]
            list.print(try await page(), columns) { item in
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
            try await list.page(
                of: "/api/v1/deliveries",
                [
                    ("subscription", subscription?.text), ("status", status?.rawValue),
                    ("event", event?.text),
                    ("since", since?.time.description),
                ], live
            ) { store, before in
                var filter = DeliveryFilter(
                    subscription: subscription?.text, status: status, since: since?.time)
                if let event { filter.select(event: event.text) }
                return try await store.deliveries(filter, before: before, limit: list.limit)
            } _: {
                .object(DeliveryJSON.object($0))
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a delivery with every attempt.")

        @Argument(help: "The delivery's id.")
        var id: TextArgument

        @OptionGroup var options: ShowOptions

        func run() async throws {
            let delivery = try await delivery()
            options.print(delivery) { DeliveryText(palette: $0).text(delivery) }
        }

        private func delivery() async throws -> JSONValue {
            try await options.live.read("/api/v1/deliveries/\(id.encoded)") { store in
                guard let detail = try await store.delivery(DeliveryID(id.text)) else {
                    throw Failure("there is no delivery `\(id.text)`")
                }
                return .object(DeliveryJSON.object(detail))
            }
        }
    }
}

extension DeliveriesCommand {
    struct Redeliver: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send a finished delivery again, with a fresh retry budget.")

        @Argument(help: "The delivery's id.")
        var id: TextArgument

        @Flag(help: "Make a new delivery, for a receiver that recognises repeated ids.")
        var newId = false

        @OptionGroup var live: LiveOptions

        func run() async throws {
            let path =
                "/api/v1/deliveries/\(id.encoded)/redeliver" + (newId ? "?newId=true" : "")
            let answer = try await live.sidecar().post(path, body: [])
            Console.standard.print("pending: \(answer["id"]?.string ?? id.text)")
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send the finished deliveries of a stretch of time again.")

        @Option(help: "The subscription.")
        var subscription: TextArgument

        @Option(
            help: ArgumentHelp("From then on: RFC 3339, or a duration ago such as 2h.", valueName: "time"))
        var since: SinceArgument

        @Option(help: ArgumentHelp("Up to then; default: now.", valueName: "time"))
        var until: SinceArgument?

        @Option(help: "Only those with this status.")
        var status: FinishedStatus?

        @Flag(help: "Make new deliveries, for a receiver that recognises repeated ids.")
        var newId = false

        @Flag(help: "Also events that the subscription never got, because it was not there yet.")
        var includeMissing = false

        @OptionGroup var live: LiveOptions

        func run() async throws {
            var body: JSONObject = [
                "since": .string(since.time.description), "newId": .bool(newId),
                "includeMissing": .bool(includeMissing),
            ]
            body["until"] = until.map { .string($0.time.description) }
            body["status"] = status.map { .string($0.status.rawValue) }
            let count = try await replay(body)
            Console.standard.print("\(Plural.count(count, "delivery", "deliveries")) will be sent again")
        }

        /// Piece by piece, so that a person sees that it goes on and no request takes long.
        private func replay(_ body: JSONObject) async throws -> Int {
            let (sidecar, progress) = (try live.sidecar(), ProgressLine())
            defer { progress.clear() }
            let path = "/api/v1/subscriptions/\(subscription.encoded)/replay"
            var body = body
            body["limit"] = .number(JSONNumber(Self.piece))
            var count = 0
            while true {
                let answer = try await sidecar.post(path, body: JSONValue.object(body).utf8)
                count += answer["deliveries"]?.int ?? 0
                guard let cursor = answer["nextCursor"], !cursor.isNull else { return count }
                body["cursor"] = cursor
                progress.show("\(Plural.count(count, "delivery", "deliveries")) so far")
            }
        }

        private static let piece = 5_000
    }
}

extension DeliveryStatus: ExpressibleByArgument {}

/// The status of a delivery that may be sent again.
struct FinishedStatus: ExpressibleByArgument {
    static let allValueStrings = DeliveryStatus.finished.map(\.rawValue)
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }

    let status: DeliveryStatus

    init?(argument: String) {
        guard let status = DeliveryStatus.finished.first(where: { $0.rawValue == argument }) else {
            return nil
        }
        self.status = status
    }
}
