import HTTPTypes
import JSON
import NIOCore
import Resources
import Store

/// Sending again: `redeliver`, `replay`, and a test event.
struct ReplayRoutes {
    let replay: Replay
    let ingest: Ingest
    let clock: any WallClock

    private static let bodyLimit = 64 << 10

    var all: [APIRoute] {
        [
            APIRoute(
                .post, "/api/v1/deliveries/{id}/redeliver", .scope(.deliveriesWrite),
                "Sends a finished delivery again, with a fresh retry budget.", handler: redeliver
            )
            .query("newId", APISchema.bool, "Makes a new delivery, for receivers that know the old id.")
            .answers(
                .accepted, "Pending.",
                APISchema.object(["id": APISchema.string, "subscription": APISchema.string])
            )
            .problems(
                (.notFound, "There is no such delivery."),
                (.conflict, "It is pending already, or its subscription is gone.")),
            APIRoute(
                .post, "/api/v1/subscriptions/{name}/replay", .scope(.deliveriesWrite),
                "Sends the finished deliveries of a stretch of time again.", bodyLimit: Self.bodyLimit,
                handler: replayAll
            )
            .accepts(ReplayBody.schema)
            .answers(.accepted, "Pending.", APISchema.object(["deliveries": APISchema.count]))
            .problems((.notFound, "There is no such subscription.")),
            APIRoute(
                .post, "/api/v1/subscriptions/{name}/test", .scope(.deliveriesWrite),
                "Sends a sample event of a type to a subscription.", bodyLimit: Self.bodyLimit, handler: test
            )
            .accepts(APISchema.object(["event": APISchema.string], required: []))
            .answers(
                .accepted, "Sent.",
                APISchema.object([
                    "id": APISchema.string, "event": APISchema.string,
                    "delivery": APISchema.optional(APISchema.string),
                ])
            )
            .problems((.notFound, "There is no such subscription.")),
        ]
    }

    @Sendable private func redeliver(_ request: APIRequest) async throws -> APIResponse {
        let id = DeliveryID(request.parameter("id"))
        switch try await replay.redeliver(id, newID: request.query("newId") == "true") {
        case .pending(let id, let subscription):
            return .json(["id": .string(id.text), "subscription": .string(subscription)], .accepted)
        case .unknown: throw Problem.notFound("delivery `\(id)`")
        case .busy: throw Problem.conflict("the delivery `\(id)` is pending already")
        case .neverMade:
            throw Problem.conflict(
                "the delivery `\(id)` was never made, because its filter, key or body failed; when that is mended, replay the subscription with `includeMissing`"
            )
        case .orphaned:
            throw Problem.conflict("the subscription of the delivery `\(id)` does not exist any more")
        }
    }

    @Sendable private func replayAll(_ request: APIRequest) async throws -> APIResponse {
        let name = try subscription(request).name
        let body = try ReplayBody(try request.json())
        let count = try await replay.run(
            Replay.Request(
                subscription: name, selection: body.selection, includesMissing: body.includesMissing))
        return .json(["deliveries": .number(JSONNumber(count))], .accepted)
    }

    @Sendable private func test(_ request: APIRequest) async throws -> APIResponse {
        let subscription = try subscription(request)
        var wanted: String?
        if request.body.readableBytes > 0 { wanted = try request.json()["event"]?.string }
        let type = wanted ?? subscription.spec.events.first?.types.first?.name ?? "custom.test"
        guard EventCatalog.contains(type) else {
            throw Problem.invalid("`\(type)` is not in the event catalogue", pointer: "/event")
        }
        let sample = SampleEvent.make(type, now: clock.now())
        let accepted = try await ingest.accept([sample], only: subscription.name)
        return .json(
            [
                "id": .string(accepted[0].id.text), "event": .string(type),
                "delivery": accepted[0].deliveries.first.map { .string($0.id.text) } ?? .null,
            ], .accepted)
    }

    private func subscription(_ request: APIRequest) throws -> ActiveSubscription {
        let name = request.parameter("name")
        guard let subscription = replay.configuration.current.subscriptions[name] else {
            throw Problem.notFound("subscription `\(name)`")
        }
        return subscription
    }
}

extension Problem {
    static func conflict(_ detail: String) -> Problem { Problem(.conflict, "conflict", "Conflict", detail) }
}

/// `{"since","until","status","newId","includeMissing"}`.
private struct ReplayBody {
    var selection: ReplaySelection
    var includesMissing = false

    static let schema = APISchema.object(
        [
            "since": APISchema.time, "until": APISchema.optional(APISchema.time),
            "status": APISchema.optional(
                APISchema.choice(DeliveryStatus.allCases.filter { $0 != .pending }.map(\.rawValue))),
            "newId": APISchema.bool, "includeMissing": APISchema.bool,
        ], required: ["since"], isClosed: true)

    init(_ body: JSONValue) throws {
        guard let members = body.object else { throw Problem.invalid("the body is not an object") }
        var selection = ReplaySelection(since: UnixTime(milliseconds: 0))
        guard members["since"] != nil else { throw Problem.invalid("`since` is missing", pointer: "/since") }
        for (name, value) in members {
            switch name {
            case "since": selection.since = try Self.time(name, value)
            case "until": selection.until = value.isNull ? nil : try Self.time(name, value)
            case "status": selection.status = try Self.status(value)
            case "newId": selection.newID = try Self.flag(name, value)
            case "includeMissing": includesMissing = try Self.flag(name, value)
            default: throw Problem.invalid("the field `\(name)` is unknown", pointer: "/\(name)")
            }
        }
        self.selection = selection
    }

    private static func time(_ name: String, _ value: JSONValue) throws -> UnixTime {
        guard let time = value.string.flatMap(UnixTime.init(rfc3339:)) else {
            throw Problem.invalid("`\(name)` is not a time of RFC 3339", pointer: "/\(name)")
        }
        return time
    }

    private static func flag(_ name: String, _ value: JSONValue) throws -> Bool {
        guard let flag = value.bool else {
            throw Problem.invalid("`\(name)` is not true or false", pointer: "/\(name)")
        }
        return flag
    }

    private static func status(_ value: JSONValue) throws -> DeliveryStatus? {
        if value.isNull { return nil }
        guard let status = value.string.flatMap(DeliveryStatus.init(rawValue:)), status != .pending else {
            throw Problem.invalid(
                "`status` is delivered, failed, exhausted, cancelled or expired", pointer: "/status")
        }
        return status
    }
}
