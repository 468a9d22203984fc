import OutboundHTTP

extension HeaderName {
    static let contentType = known("Content-Type")
    static let userAgent = known("User-Agent")
    static let event = known("X-Zentra-Event")
    static let deliveryID = known("X-Zentra-Delivery-Id")
    static let signature = known("X-Zentra-Signature")
    static let attempt = known("X-Zentra-Attempt")

    private static func known(_ name: StaticString) -> HeaderName {
        do {
            return try HeaderName("\(name)")
        } catch {
            preconditionFailure("\(error)")
        }
    }
}
