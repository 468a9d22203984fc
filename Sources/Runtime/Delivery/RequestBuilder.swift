import NIOCore
import OutboundHTTP
import Resources
import Store

/// Makes the request of an attempt from the delivery and what the configuration says now.
struct RequestBuilder: Sendable {
    /// Why no request could be made.
    struct Refusal: Error {
        /// `secret` or `render`.
        let errorClass: String
        let message: String
    }

    let secrets: SecretStore
    let userAgent: String

    func request(for delivery: DueDelivery, _ subscription: ActiveSubscription) throws(Refusal)
        -> OutboundRequest
    {
        let spec = subscription.spec
        let url = try url(spec.target)
        let secret = try value(spec.signing.secretRef)
        let body = Payload.bytes(of: delivery)
        do {
            let template = try subscription.template(url: url, userAgent: userAgent)
            var headers = RequestHeaders()
            try headers.add(.event, delivery.event.type)
            try headers.add(.deliveryID, delivery.id.text)
            try headers.add(.signature, WebhookSignature.hex(of: body, secret: secret))
            headers.add(.attempt, delivery.attempts + 1)
            // A receiver recognises a repeated delivery by its id.
            return template.request(
                headers: headers, body: ByteBuffer(bytes: body), bodyLimit: spec.deliveryLog.bodyLimit.bytes,
                timeout: spec.timeout, isRepeatable: true)
        } catch {
            throw Refusal(errorClass: "render", message: "\(error)")
        }
    }

    private func url(_ target: SubscriptionSpec.Target) throws(Refusal) -> String {
        switch target {
        case .url(let url): url
        case .secretRef(let name): try value(name).withBytes { String(decoding: $0, as: UTF8.self) }
        }
    }

    private func value(_ name: String) throws(Refusal) -> SecretValue {
        guard let value = secrets.value(name) else {
            throw Refusal(errorClass: "secret", message: "the secret `\(name)` does not resolve")
        }
        return value
    }
}
