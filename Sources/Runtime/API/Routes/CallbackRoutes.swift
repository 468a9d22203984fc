import HTTPTypes
import JSON
import NIOCore
import Resources
import Store
import WorkflowEngine

/// `POST /api/webhooks/callbacks/{token}`: resumes one waiting step, once.
///
/// The token is the proof; whoever has it may call. A second use, or one for a step that does not wait any more, is
/// answered like the first and ignored, because callers repeat what was answered too late.
struct CallbackRoutes {
    let store: Store
    let ingest: Ingest
    let key: StateKey
    let clock: any WallClock
    private let budget = IntakeBudget()

    init(store: Store, ingest: Ingest, key: StateKey, clock: any WallClock) {
        (self.store, self.ingest, self.key, self.clock) = (store, ingest, key, clock)
    }

    static let bodyLimit = 1 << 20
    /// The longest life of a run.
    private static let retention = Duration.seconds(90 * 86_400)

    var all: [APIRoute] {
        var route = APIRoute(
            .post, "/api/webhooks/callbacks/{token}", .open,
            "Resumes a step that waits for its callback URL; a second use is ignored.", handler: receive)
        route.streamsBody = true
        return [
            route
                .accepts(APISchema.any)
                .answers(.ok, "Ignored: the URL was used before, or its run has ended.", Self.answer)
                .answers(.accepted, "Stored; the run goes on when it waits for it.", Self.answer)
                .problems((.notFound, "There is no such URL."))
        ]
    }

    private static let answer = APISchema.object(["id": APISchema.optional(APISchema.string)])

    @Sendable private func receive(_ request: APIRequest) async throws -> APIResponse {
        guard let token = CallbackToken(request.parameter("token"), key),
            let run = try await store.runStatus(token.run)
        else { throw Problem.notFound("callback URL like this") }
        let type = MediaType(request.headers[.contentType] ?? "application/json")
        try request.headers.checkContentEncoding()
        guard GenericBody.isAccepted(type) else {
            throw Problem.unsupportedMediaType("the body has to be JSON in UTF-8, a form, or text")
        }
        if let length = request.stream.declaredLength, length > Self.bodyLimit {
            throw Problem.tooLarge(Self.bodyLimit)
        }
        guard !run.isFinal else { return .json(["id": .null]) }
        let size = min(request.stream.declaredLength ?? Self.bodyLimit, Self.bodyLimit)
        do {
            return try await budget.reserving(size) {
                let body = try await request.stream.collect(limit: Self.bodyLimit)
                let data = try body.withUnsafeReadableBytes { bytes in
                    // A bare call is a message without content.
                    bytes.isEmpty ? .null : try GenericBody.value(bytes.bindMemory(to: UInt8.self), type)
                }
                return try await keep(data, request.headers, token)
            }
        } catch is BodyStream.Timeout {
            throw Problem.unavailable("the body did not arrive in time")
        }
    }

    private func keep(_ data: JSONValue, _ headers: HTTPFields, _ token: CallbackToken) async throws
        -> APIResponse
    {
        let now = clock.now()
        let id = store.newID("msg_", at: now)
        let message = InboundMessage(
            id: id, endpoint: WaitSource.callbackEndpoint, correlationKey: token.key, data: data.text,
            headers: JSONValue.object(PublicParts.headers(headers, without: [])).text, receivedAt: now,
            expiresAt: now + Self.retention)
        let outcome = try await ingest.commit(keys: [:], isBounded: true) { _, _ in
            Ingest.Draft((), contributions: [.firstMessage(message)])
        }
        switch outcome {
        case .written: return .json(["id": .string(id)], .accepted)
        case .changed: return .json(["id": .null])
        case .repeated: throw Ingest.Refusal.busy
        }
    }
}
