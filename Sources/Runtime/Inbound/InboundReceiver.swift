import HTTPTypes
import JSON
import Logging
import NIOCore
import Resources
import Store

/// `POST /api/webhooks/{name}`: what other systems push in.
///
/// The checks have an order: who, before a byte of the body is read; how large; of which type; the body with its
/// signature; its form; whether it came before. Nothing that may be cured by another attempt is ever a 4xx, because senders
/// drop a message on that.
struct InboundReceiver: Sendable {
    let store: Store
    let ingest: Ingest
    let configuration: ConfigurationWatcher
    let secrets: SecretStore
    let mail: MailReceiver
    let budget = IntakeBudget()
    let counters: InboundCounters
    let clock: any WallClock
    let logger: Logger

    func receive(_ request: APIRequest) async throws -> APIResponse {
        let name = request.parameter("name")
        let live = configuration.current
        guard let endpoint = live.endpoints[name] else {
            // Senders drop a message on 404; before the first configuration they shall come again.
            guard live.serial > 0 else { throw Problem.noConfiguration }
            throw Problem.notFound("endpoint `\(name)`")
        }
        let verification = try verification(of: request, endpoint)
        let limit = endpoint.spec.maxBody.bytes
        if let length = request.stream.declaredLength, length > limit { throw Problem.tooLarge(limit) }
        let type = MediaType(request.headers[.contentType] ?? "")
        try checkType(type, request.headers, endpoint)
        do {
            switch endpoint.spec.form {
            case .generic:
                return try await receiveGeneric(request, endpoint, type, verification, limit: limit)
            case .email(let ticket, let threads):
                let reception = MailReceiver.Reception(
                    endpoint: endpoint, ticket: ticket, threads: threads, limit: limit, type: type)
                return try await budget.reserving(MailReceiver.memory) {
                    try await mail.receive(request, reception, verification)
                }
            }
        } catch is BodyStream.Timeout {
            throw Problem.unavailable("the body did not arrive in time")
        }
    }

    /// What is left to verify once the headers are in order; nil when nothing is.
    private func verification(of request: APIRequest, _ endpoint: ActiveEndpoint) throws -> BodyVerification?
    {
        guard let secrets = VerificationSecrets(endpoint.secrets, in: secrets) else {
            throw Problem.unavailable("the endpoint cannot verify requests now")
        }
        let way = endpoint.spec.verification
        switch Verification.check(way, request.headers, secrets, now: clock.now()) {
        case .accepted: return nil
        case .needsBody(let verification): return verification
        case .refused: throw Problem.unverified(way)
        }
    }

    private func checkType(_ type: MediaType, _ headers: HTTPFields, _ endpoint: ActiveEndpoint) throws {
        try headers.checkContentEncoding()
        switch endpoint.spec.form {
        case .generic where !GenericBody.isAccepted(type):
            throw Problem.unsupportedMediaType("the body has to be JSON in UTF-8, a form, or text")
        case .email where !type.isForm && type.essence != "multipart/form-data":
            throw Problem.unsupportedMediaType(
                "the body has to be `multipart/form-data` or `application/x-www-form-urlencoded`")
        default: break
        }
    }

    private func receiveGeneric(
        _ request: APIRequest, _ endpoint: ActiveEndpoint, _ type: MediaType,
        _ verification: BodyVerification?,
        limit: Int
    ) async throws -> APIResponse {
        try await budget.reserving(min(request.stream.declaredLength ?? limit, limit)) {
            let body = try await request.stream.collect(limit: limit)
            let data = try body.withUnsafeReadableBytes { bytes in
                if var verification {
                    verification.update(bytes)
                    guard verification.isValid else { throw Problem.unverified(endpoint.spec.verification) }
                }
                return try GenericBody.value(bytes.bindMemory(to: UInt8.self), type)
            }
            if let challenge = Handshake.challenge(endpoint.spec.verification, data) {
                return .text(challenge)
            }
            let message = ReceivedMessage(
                headers: PublicParts.headers(
                    request.headers, without: Verification.headers(of: endpoint.spec.verification)),
                query: PublicParts.query(request.query), data: data)
            return try await store(message, endpoint)
        }
    }

    private func store(_ message: ReceivedMessage, _ endpoint: ActiveEndpoint) async throws -> APIResponse {
        let now = clock.now()
        let id = store.newID("msg_", at: now)
        let (headers, query) = (JSONValue.object(message.headers).text, JSONValue.object(message.query).text)
        let event = NewEvent(
            type: "inbound.\(endpoint.name)", ts: now.description, data: message.data.utf8,
            source: "inbound:\(endpoint.name)", headers: headers, query: query, messageID: id)
        var contributions: [Contribution] = []
        let correlationKey = endpoint.correlationKey(of: message)
        if case .value(let key) = correlationKey {
            let retain = endpoint.spec.correlation?.retain ?? .zero
            contributions.append(
                .message(
                    InboundMessage(
                        id: id, endpoint: endpoint.name, correlationKey: key, data: message.data.text,
                        headers: headers, receivedAt: now, expiresAt: now + retain)))
        }
        let answer: @Sendable ([AcceptedEvent]) -> JSONValue = { accepted in
            [
                "id": .string(id), "event": .string(accepted.first?.id.text ?? ""),
                "runs": .number(JSONNumber(accepted.first?.runCount ?? 0)),
            ]
        }
        let messageID = endpoint.messageID(of: message)
        if case .value(let messageID) = messageID {
            contributions.append(
                .inboundAnswer(
                    endpoint: endpoint.name, messageID: messageID, now: now,
                    expiresAt: now + endpoint.spec.dedupeWindow
                ) { answer($0).text })
        }
        let fact = Ingest.Draft((), events: [event], contributions: contributions)
        switch try await ingest.commit({ _, _ in fact }) {
        case .written(_, let accepted):
            counters.count(endpoint.name, .accepted)
            if messageID == .missing { counters.count(endpoint.name, .noMessageID) }
            if correlationKey == .missing {
                counters.count(endpoint.name, .noCorrelationKey)
                // Whoever wonders why a run is not resumed finds here what came, but not what it says.
                logger.notice(
                    "message without a correlation key",
                    metadata: [
                        "endpoint": "\(endpoint.name)", "message": "\(id)",
                        "event": "\(accepted.first?.id.text ?? "")",
                    ])
            }
            return .json(answer(accepted), .accepted)
        case .repeated(let stored):
            counters.count(endpoint.name, .duplicate)
            return APIResponse(.ok, body: Array(stored.body.utf8), contentType: "application/json")
        case .changed: throw Ingest.Refusal.busy
        }
    }
}

/// What senders want to hear before they send anything.
private enum Handshake {
    /// Slack's `url_verification`, which is signed like every other message.
    static func challenge(_ way: InboundEndpointSpec.Verification, _ data: JSONValue) -> String? {
        guard case .preset(.slack, _) = way, data["type"]?.string == "url_verification" else { return nil }
        return data["challenge"]?.string
    }
}

extension Problem {
    /// Says nothing about which part was wrong.
    static func unverified(_ way: InboundEndpointSpec.Verification) -> Problem {
        var problem = Problem(
            .unauthorized, "unauthorized", "Unauthorized", "the request could not be verified")
        if case .basic = way {
            problem.headers[.wwwAuthenticate] = "Basic realm=\"webhooks\", charset=\"UTF-8\""
        }
        return problem
    }
}
