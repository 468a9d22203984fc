import Expressions
import NIOCore
import OutboundHTTP
import Store
import WorkflowEngine

/// The request of a step with the secrets' values filled in; it lives until it is sent.
struct StepRequest: Sendable {
    /// Why no request can be made.
    struct Refusal: Error {
        let type: ErrorType
        let message: String
    }

    let request: OutboundRequest
    /// Scheme and authority: what shares of slots are counted by.
    let origin: String
    /// Bytes of memory, about.
    let size: Int
    private let mask: SecretMask
    private let isSecretURL: Bool

    init(
        _ plan: RequestPlan, secrets: SecretStore, templates: RequestTemplates, userAgent: String
    ) throws(Refusal) {
        var values: [String: [UInt8]] = [:]
        for name in plan.secrets {
            guard let value = secrets.value(name) else {
                throw Refusal(type: .secret, message: "the secret `\(name)` does not resolve")
            }
            values[name] = value.withBytes { $0 }
        }
        func reveal(_ name: String) throws(Refusal) -> String {
            guard let text = values[name].flatMap({ String(validating: $0, as: UTF8.self) }) else {
                throw Refusal(type: .secret, message: "the secret `\(name)` is not UTF-8")
            }
            return text
        }
        let (url, body) = (try plan.url.reveal(reveal), try plan.body?.reveal(reveal) ?? [])
        var headers: [(name: String, value: String)] = []
        for (name, value) in plan.headers { headers.append((name, try value.reveal(reveal))) }
        if !headers.contains(where: { $0.name.lowercased() == "user-agent" }) {
            headers.append(("User-Agent", userAgent))
        }
        size = body.count + headers.reduce(url.utf8.count + 1024) { $0 + $1.value.utf8.count }
        isSecretURL = !plan.url.names.isEmpty
        do {
            let template = try templates.template(plan.method, url, isSecret: isSecretURL)
            origin = template.target.origin
            request = template.request(
                headers: try RequestHeaders(headers), body: body,
                bodyLimit: RunBounds.response, timeout: plan.timeout, isRepeatable: !plan.isAtMostOnce)
        } catch let error as OutboundError {
            // The client's errors name fields, never values; of a URL that holds a secret nothing is quoted.
            let reason = isSecretURL ? error.discreet : error.description
            throw Refusal(type: .invalid, message: "the request cannot be sent: \(reason)")
        } catch {
            throw Refusal(type: .invalid, message: "the request cannot be sent: \(error)")
        }
        mask = SecretMask(values.map { ($0.value, "secret:\($0.key)") })
    }

    /// What came of it, as the engine sees it.
    ///
    /// A receiver that sends a secret back must not bring it into the journal: the names stand in place of the values.
    func outcome(_ outcome: OutboundOutcome, now: UnixTime) -> HTTPOutcome {
        switch outcome {
        case .response(let response):
            return .answered(
                status: response.status,
                headers: response.headers.map { ($0.name.lowercased(), mask.masked($0.value)) },
                body: mask.masked(Array(response.body.readableBytesView), isCut: response.isTruncated),
                isTruncated: response.isTruncated,
                retryAfter: RetryAfter.asked(by: response.headers, now: now))
        case .failure(let failure):
            // An address that is a secret must not be told.
            let message = isSecretURL ? "no answer (\(failure.class.rawValue))" : failure.message
            return .failed(
                failure.class.errorType, message: message, mayHaveArrived: failure.class.mayHaveArrived)
        }
    }
}

extension OutboundFailure.Class {
    fileprivate var errorType: ErrorType {
        switch self {
        case .timeout: .timeout
        case .blocked: .blocked
        case .dns, .connect, .tls, .reset, .protocol: .network
        }
    }

    /// Whether some of the request can have left.
    fileprivate var mayHaveArrived: Bool {
        switch self {
        case .dns, .connect, .tls, .blocked: false
        case .timeout, .reset, .protocol: true
        }
    }
}
