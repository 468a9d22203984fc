import HTTPTypes
import OutboundHTTP

/// Who sent a request, seen through the proxies that are trusted.
enum ClientAddress {
    /// The nearest address that is not a trusted proxy's: `X-Forwarded-For` is believed from its end, as far as those
    /// who wrote it are trusted. What anybody could have written is not looked at.
    static func resolve(peer: IPAddress?, _ headers: HTTPFields, trusted: [CIDR]) -> IPAddress? {
        guard var address = peer else { return nil }
        let claims = headers[values: .forwardedFor].flatMap { $0.split(separator: ",") }
        for claim in claims.reversed() {
            guard trusted.contains(where: { $0.contains(address) }) else { break }
            guard let next = IPAddress(String(claim).trimmingSpaces) else { break }
            address = next
        }
        return address
    }
}

extension HTTPField.Name {
    static let forwardedFor = known("X-Forwarded-For")
}
