import HTTPTypes
import JSON
import NIOCore
import Resources
import Store

/// `/api/v1/events` and the catalogue.
struct EventRoutes {
    let store: Store
    let ingest: Ingest
    let clock: any WallClock
    let maxBody: Int

    var all: [APIRoute] {
        var intake = intake
        intake.direct = DirectHandler(respond: acceptAtOnce)
        return [intake] + others
    }

    private var intake: APIRoute {
        APIRoute(
            .post, "/api/v1/events", .scope(.eventsWrite),
            "Accepts one event or up to 1,000, all or none.",
            bodyLimit: maxBody, handler: accept
        )
        .accepts(["oneOf": [APISchema.named("NewEvent"), Self.batch]])
        .accepts(APISchema.string, as: "application/x-ndjson")
        .answers(
            .accepted, "Durable.",
            [
                "oneOf": [
                    APISchema.named("AcceptedEvent"),
                    APISchema.object(["items": APISchema.array(APISchema.named("AcceptedEvent"))]),
                ]
            ]
        )
        .idempotent
    }

    private var others: [APIRoute] {
        [
            APIRoute(
                .get, "/api/v1/events", .scope(.eventsRead), "Lists events, newest first.", handler: list
            )
            .lists(APISchema.named("Event"))
            .query("type", APISchema.string, "Only events of this type.")
            .query("since", APISchema.time, "Only events accepted at that time or later."),
            APIRoute(.get, "/api/v1/events/{id}", .scope(.eventsRead), "Shows an event.", handler: show)
                .answers(.ok, "The event.", APISchema.named("Event"))
                .problems((.notFound, "There is no such event.")),
            APIRoute(.get, "/api/v1/event-types", .open, "Lists the event types.", handler: types)
                .answers(
                    .ok, "The catalogue, with the JSON Schema of each `data`.",
                    APISchema.object(["items": APISchema.array(APISchema.anyObject)])),
        ]
    }

    private static let batch: JSONValue = [
        "type": "array", "items": APISchema.named("NewEvent"), "minItems": 1,
        "maxItems": .number(JSONNumber(EventRequest.maximumCount)),
    ]

    /// Events, and whether they came as a batch.
    private func read(
        _ headers: HTTPFields, _ body: ByteBuffer, by caller: Caller?
    ) throws -> (events: [NewEvent], isBatch: Bool) {
        let header = headers.value(of: .contentType)
        // What nearly all say is not worth parsing.
        let type = header == "application/json" ? nil : header.map(MediaType.init)
        let isLines = type?.essence == "application/x-ndjson"
        // A form is what `curl --data` says of JSON when nobody tells it better.
        let isTaken = type == nil || isLines || type?.isJSON == true || type?.isForm == true
        guard isTaken else {
            throw Problem.unsupportedMediaType(
                "the body has to be `application/json` or `application/x-ndjson`")
        }
        let reader = EventRequest(now: clock.now(), source: "token:\(caller?.name ?? "")")
        return try body.withUnsafeReadableBytes {
            try reader.events($0.bindMemory(to: UInt8.self), isLines: isLines)
        }
    }

    @Sendable private func acceptAtOnce(
        _ request: DirectRequest, _ loop: any EventLoop, _ completion: @escaping DirectHandler.Completion
    ) throws {
        let headers = request.head.request.headerFields
        guard !headers.contains(.idempotencyKey) else { return completion(nil) }
        let (events, isBatch) = try read(headers, request.body, by: request.caller)
        try ingest.acceptAtOnce(events, on: CommitExecutor(loop)) { result in
            completion(result.map { $0.map { Self.answer($0, isBatch: isBatch) } })
        }
    }

    private static func answer(_ accepted: [AcceptedEvent], isBatch: Bool) -> APIResponse {
        if isBatch { return .json(["items": .array(accepted.map(answer))], .accepted) }
        let event = accepted[0]
        var body: [UInt8] = []
        body.reserveCapacity(100)
        body += #"{"id":"#.utf8
        JSONValue.write(string: event.id.text, to: &body)
        body += #","deliveries":"#.utf8
        JSONValue.write(number: event.deliveryCount, to: &body)
        body += #","runs":"#.utf8
        JSONValue.write(number: event.runCount, to: &body)
        body.append(UInt8(ascii: "}"))
        return APIResponse(.accepted, body: body, contentType: "application/json")
    }

    @Sendable private func accept(_ request: APIRequest) async throws -> APIResponse {
        let (events, isBatch) = try read(request.headers, request.body, by: request.caller)
        let answer: @Sendable ([AcceptedEvent]) -> APIResponse = { Self.answer($0, isBatch: isBatch) }
        guard let idempotency = try Idempotency(request) else {
            return answer(try await ingest.accept(events))
        }
        let contribution = idempotency.contribution(now: clock.now(), answer)
        switch try await ingest.commit({ _, _ in
            Ingest.Draft((), events: events, contributions: [contribution])
        }) {
        case .written(_, let accepted): return answer(accepted)
        case .repeated(let stored): return try idempotency.replay(stored)
        case .changed: throw Ingest.Refusal.busy
        }
    }

    private static func answer(_ event: AcceptedEvent) -> JSONValue {
        [
            "id": .string(event.id.text), "deliveries": .number(JSONNumber(event.deliveryCount)),
            "runs": .number(JSONNumber(event.runCount)),
        ]
    }

    @Sendable private func list(_ request: APIRequest) async throws -> APIResponse {
        let parameters = try ListParameters(request)
        let filter = EventFilter(type: request.query("type"), since: try request.time("since"))
        return .page(
            try await store.events(filter, before: parameters.before, limit: parameters.limit),
            EventJSON.value)
    }

    @Sendable private func show(_ request: APIRequest) async throws -> APIResponse {
        guard let event = try await store.event(EventID(request.parameter("id"))) else {
            throw Problem.notFound("event `\(request.parameter("id"))`")
        }
        return .json(EventJSON.value(event))
    }

    @Sendable private func types(_ request: APIRequest) async throws -> APIResponse {
        .json(EventJSON.catalog)
    }
}
