import OutboundHTTP

extension HeaderName {
    static let contentType = known("Content-Type")
    static let userAgent = known("User-Agent")
    static let event = known("X-Zentra-Event")
    static let deliveryID = known("X-Zentra-Delivery-Id")
    static let signature = known("X-Zentra-Signature")
    static let previousSignature = known("X-Zentra-Signature-Previous")
    static let webhookID = known("webhook-id")
    static let webhookTimestamp = known("webhook-timestamp")
    static let webhookSignature = known("webhook-signature")
    static let attempt = known("X-Zentra-Attempt")

    private static func known(_ name: StaticString) -> HeaderName {
        do {
            return try HeaderName("\(name)")
        } catch {
            preconditionFailure("\(error)")
        }
    }
}
