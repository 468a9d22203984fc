import OutboundHTTP
import Resources
import Store

/// Puts the headers on a request that say what it is and prove where it comes from.
struct WebhookSigner {
    let scheme: SubscriptionSpec.Scheme
    let secret: SecretValue
    /// The secret before the rotation that is under way.
    let previousSecret: SecretValue?

    /// - Parameter now: the time of this attempt; the Standard Webhooks scheme signs it.
    /// - Throws: `OutboundError`, `StandardWebhooks.InvalidSecret`.
    func sign(_ headers: inout RequestHeaders, _ delivery: DueDelivery, body: [UInt8], now: UnixTime) throws {
        try headers.add(.event, delivery.event.type)
        switch scheme {
        case .zentra:
            try headers.add(.deliveryID, delivery.id.text)
            try headers.add(.signature, WebhookSignature.hex(of: body, secret: secret))
            if let previousSecret {
                try headers.add(.previousSignature, WebhookSignature.hex(of: body, secret: previousSecret))
            }
            headers.add(.attempt, delivery.attempts + 1)
        case .standardWebhooks:
            let timestamp = String(now.milliseconds / 1000)
            func signature(_ secret: SecretValue) throws -> String {
                try StandardWebhooks.signature(
                    id: delivery.id.text, timestamp: timestamp, body: body, secret: secret)
            }
            var signatures = [try signature(secret)]
            if let previousSecret {
                do {
                    signatures.append(try signature(previousSecret))
                } catch is StandardWebhooks.InvalidSecret {
                    throw StandardWebhooks.InvalidSecret(isPrevious: true)
                }
            }
            try headers.add(.webhookID, delivery.id.text)
            try headers.add(.webhookTimestamp, timestamp)
            try headers.add(.webhookSignature, signatures.joined(separator: " "))
        }
    }
}
