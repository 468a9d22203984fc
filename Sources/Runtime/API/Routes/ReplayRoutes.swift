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
    private let running = RunningKeys()

    init(replay: Replay, ingest: Ingest, clock: any WallClock) {
        self.replay = replay
        self.ingest = ingest
        self.clock = clock
    }

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
            .problems((.notFound, "There is no such delivery."))
            .idempotent(
                conflict:
                    "It is pending already, its subscription is gone, or the `Idempotency-Key` was used for another request."
            ),
            APIRoute(
                .post, "/api/v1/subscriptions/{name}/replay", .scope(.deliveriesWrite),
                "Sends the finished deliveries of a stretch of time again.", bodyLimit: Self.bodyLimit,
                handler: replayAll
            )
            .accepts(ReplayBody.schema)
            .answers(
                .accepted, "Pending; with a `limit`, perhaps not all of them yet.",
                APISchema.object([
                    "deliveries": APISchema.count, "nextCursor": APISchema.optional(APISchema.string),
                ])
            )
            .problems((.notFound, "There is no such subscription."))
            .idempotent,
            APIRoute(
                .post, "/api/v1/subscriptions/{name}/test", .scope(.deliveriesWrite),
                "Sends a sample event of a type to a subscription.", bodyLimit: Self.bodyLimit, handler: test
            )
            .accepts(
                APISchema.object(
                    ["event": APISchema.optional(APISchema.string)], required: [], isClosed: true)
            )
            .answers(
                .accepted, "Sent.",
                APISchema.object([
                    "id": APISchema.string, "event": APISchema.string,
                    "delivery": APISchema.optional(APISchema.string),
                ])
            )
            .problems((.notFound, "There is no such subscription."))
            .idempotent,
        ]
    }

    @Sendable private func redeliver(_ request: APIRequest) async throws -> APIResponse {
        let id = DeliveryID(request.parameter("id"))
        let idempotency = try Idempotency(request)
        let kept = idempotency.map { idempotency in
            KeptAnswer(key: idempotency.key) { idempotency.stored(Self.pending($0, $1)) }
        }
        switch try await replay.redeliver(id, newID: try request.flag("newId"), keeping: kept) {
        case .pending(let id, let subscription): return Self.pending(id, subscription)
        case .repeated(let answer):
            guard let idempotency else { preconditionFailure("only a request with a key is repeated") }
            return try idempotency.replay(answer)
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

    private static func pending(_ id: DeliveryID, _ subscription: String) -> APIResponse {
        .json(["id": .string(id.text), "subscription": .string(subscription)], .accepted)
    }

    /// A replay is many transactions; the answer is kept after the last of them. When the process ends before, a
    /// repetition goes over the same stretch again, and what is pending already stays as it is.
    @Sendable private func replayAll(_ request: APIRequest) async throws -> APIResponse {
        guard let idempotency = try Idempotency(request) else { return try await replayed(request) }
        return try await running.alone(idempotency.key) {
            if let answer = try await idempotency.earlierAnswer(replay.store, now: clock.now()) {
                return answer
            }
            let answer = try await replayed(request)
            let kept = idempotency.contribution(now: clock.now()) { _ in answer }
            _ = try await ingest.commit { _, _ in Ingest.Draft((), contributions: [kept]) }
            return answer
        }
    }

    private func replayed(_ request: APIRequest) async throws -> APIResponse {
        let name = try subscription(request).name
        let body = try ReplayBody(try request.json())
        let (count, next) = try await replay.run(
            Replay.Request(
                subscription: name, selection: body.selection, includesMissing: body.includesMissing),
            from: body.place, limit: body.limit)
        return .json(
            [
                "deliveries": .number(JSONNumber(count)),
                "nextCursor": next.map { .string($0.cursor) } ?? .null,
            ], .accepted)
    }

    @Sendable private func test(_ request: APIRequest) async throws -> APIResponse {
        let subscription = try subscription(request)
        let type =
            try Self.eventType(request) ?? subscription.spec.events.first?.types.first?.name ?? "custom.test"
        guard EventCatalog.contains(type) else {
            throw Problem.invalid("`\(type)` is not in the event catalogue", pointer: "/event")
        }
        let sample = SampleEvent.make(type, now: clock.now())
        let answer: @Sendable ([AcceptedEvent]) -> APIResponse = { accepted in
            .json(
                [
                    "id": .string(accepted[0].id.text), "event": .string(type),
                    "delivery": accepted[0].deliveries.first.map { .string($0.id.text) } ?? .null,
                ], .accepted)
        }
        let idempotency = try Idempotency(request)
        let kept = idempotency.map { [$0.contribution(now: clock.now(), answer)] } ?? []
        let outcome = try await ingest.commit { _, _ in
            Ingest.Draft((), events: [sample], contributions: kept, only: subscription.name)
        }
        switch outcome {
        case .written(_, let accepted): return answer(accepted)
        case .repeated(let stored):
            guard let idempotency else { preconditionFailure("only a request with a key is repeated") }
            return try idempotency.replay(stored)
        case .changed: throw Ingest.Refusal.busy
        }
    }

    /// The type that a test event is wanted of; nil for any.
    private static func eventType(_ request: APIRequest) throws -> String? {
        guard request.body.readableBytes > 0 else { return nil }
        guard let members = try request.json().object else {
            throw Problem.invalid("the body is not an object")
        }
        for name in members.keys where name != "event" { throw Problem.unknownField(name) }
        guard let event = members["event"], !event.isNull else { return nil }
        guard let name = event.string else {
            throw Problem.invalid("`event` is not a string", pointer: "/event")
        }
        return name
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

    /// A body has a field that the route does not know.
    static func unknownField(_ name: String) -> Problem {
        invalid("the field `\(name)` is unknown", pointer: "/\(JSONPointer.escape(name))")
    }
}

/// `{"since","until","status","newId","includeMissing","limit","cursor"}`.
private struct ReplayBody {
    var selection: ReplaySelection
    var includesMissing = false
    /// How much to look at before the answer; nil for everything.
    var limit: Int?
    var place: ReplayPlace?

    private static let limits = 1...100_000

    static let schema = APISchema.object(
        [
            "since": APISchema.time, "until": APISchema.optional(APISchema.time),
            "status": APISchema.optional(
                APISchema.choice(DeliveryStatus.finished.map(\.rawValue))),
            "newId": APISchema.bool, "includeMissing": APISchema.bool,
            "limit": [
                "type": "integer", "minimum": .number(JSONNumber(limits.lowerBound)),
                "maximum": .number(JSONNumber(limits.upperBound)),
            ], "cursor": APISchema.string,
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
            case "limit": limit = try Self.limit(value)
            case "cursor": place = try Self.place(value)
            default: throw Problem.unknownField(name)
            }
        }
        if let until = selection.until, until <= selection.since {
            throw Problem.invalid("`until` is not after `since`", pointer: "/until")
        }
        self.selection = selection
    }

    private static func time(_ name: String, _ value: JSONValue) throws -> UnixTime {
        guard let time = value.string.flatMap(UnixTime.init(rfc3339:)) else {
            throw Problem.invalid("`\(name)` is not a time of RFC 3339", pointer: "/\(name)")
        }
        return time
    }

    private static func limit(_ value: JSONValue) throws -> Int {
        guard let limit = value.int, limits.contains(limit) else {
            throw Problem.invalid(
                "`limit` is \(limits.lowerBound) to \(limits.upperBound)", pointer: "/limit")
        }
        return limit
    }

    private static func place(_ value: JSONValue) throws -> ReplayPlace {
        guard let place = value.string.flatMap(ReplayPlace.init(cursor:)) else {
            throw Problem.invalid("`cursor` is not the `nextCursor` of an answer", pointer: "/cursor")
        }
        return place
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
