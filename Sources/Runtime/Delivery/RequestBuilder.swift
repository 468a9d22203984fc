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
        /// True when a secret does not resolve: the delivery waits and no attempt is counted.
        var isWaiting = false
    }

    /// Bytes that the headers of most requests have room in.
    private static let headerCapacity = 500

    let secrets: SecretStore
    let identities: TLSIdentities
    let userAgent: String

    /// - Parameter now: the time of this attempt.
    /// - Returns: the request, and what of secrets it carries; nil for nothing.
    func request(
        for delivery: DueDelivery, _ subscription: ActiveSubscription, now: UnixTime
    ) throws(Refusal) -> (request: OutboundRequest, mask: SecretMask?) {
        let url = try url(subscription.spec.target)
        let tls = try subscription.spec.tls.map { tls throws(Refusal) in try profile(tls) }
        let signing = subscription.spec.signing
        let signer = WebhookSigner(
            scheme: signing.scheme, secret: try value(signing.secretRef),
            // Signing with one secret is enough to go on; a rotation's old one may be gone already.
            previousSecret: signing.previousSecretRef.flatMap(secrets.value))
        let body = Payload.bytes(of: delivery)
        do {
            let template = try subscription.template(url: url, tls: tls, userAgent: userAgent)
            var headers = RequestHeaders(capacity: Self.headerCapacity)
            try signer.sign(&headers, delivery, body: body, now: now)
            let revealed = try subscription.headers.add(to: &headers, for: delivery, resolve: text)
            // A receiver recognises a repeated delivery by its id.
            let request = template.request(
                headers: headers, body: body,
                bodyLimit: subscription.spec.deliveryLog.bodyLimit.bytes,
                timeout: subscription.spec.timeout, isRepeatable: true)
            return (request, mask(of: subscription, url: url, headers: revealed))
        } catch let error as StandardWebhooks.InvalidSecret {
            let name = error.isPrevious ? signing.previousSecretRef : signing.secretRef
            throw Refusal(
                errorClass: "secret", message: "the secret `\(name ?? "")` is not `whsec_` followed by base64"
            )
        } catch let refusal as Refusal {
            throw refusal
        } catch let error as OutboundError where error.subject == .url {
            throw Refusal(errorClass: "render", message: message(error, subscription.spec.target))
        } catch {
            throw Refusal(errorClass: "render", message: "\(error)")
        }
    }

    /// What of secrets the requests of a subscription carry now; nil for nothing. Of a URL its parts, too, which are what a
    /// receiver and an error know of it.
    ///
    /// - Parameter headers: fields that are made of secrets, such as credentials in base 64.
    private func mask(
        of subscription: ActiveSubscription, url: String, headers: [(value: String, redacted: String)]
    ) -> SecretMask? {
        let spec = subscription.spec
        var values = headers.map { (bytes: Array($0.value.utf8), text: $0.redacted) }
        for name in subscription.headers.secrets {
            guard let value = secrets.value(name) else { continue }
            values.append((value.withBytes { $0 }, "secret:\(name)"))
        }
        if case .secretRef(let name) = spec.target {
            let target = try? OutboundTarget(url)
            values += [url, target?.pathAndQuery, target?.host.text].compactMap(\.self).map {
                (Array($0.utf8), "secret:\(name)")
            }
        }
        return values.isEmpty ? nil : SecretMask(values)
    }

    /// The value of a secret as a text.
    private func text(_ name: String) throws(Refusal) -> String {
        guard let text = try value(name).withBytes({ String(validating: $0, as: UTF8.self) }) else {
            throw Refusal(errorClass: "render", message: "the secret `\(name)` is not UTF-8")
        }
        return text
    }

    private func profile(_ tls: SubscriptionSpec.TLS) throws(Refusal) -> TLSProfile {
        switch identities.identity(of: tls) {
        case .ready(let profile): return profile
        case .unusable(let message): throw Refusal(errorClass: "secret", message: message)
        case .waiting:
            throw Refusal(
                errorClass: "secret", message: "a secret of `tls` does not resolve", isWaiting: true)
        }
    }

    private func url(_ target: SubscriptionSpec.Target) throws(Refusal) -> String {
        switch target {
        case .url(let url): url
        case .secretRef(let name): try value(name).withBytes { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// Why a URL cannot be used; of one that is a secret nothing is quoted.
    private func message(_ error: OutboundError, _ target: SubscriptionSpec.Target) -> String {
        switch target {
        case .url: error.description
        case .secretRef(let name): "the secret `\(name)` is not a URL to send to: \(error.discreet)"
        }
    }

    private func value(_ name: String) throws(Refusal) -> SecretValue {
        guard let value = secrets.value(name) else {
            throw Refusal(
                errorClass: "secret", message: "the secret `\(name)` does not resolve", isWaiting: true)
        }
        return value
    }
}
