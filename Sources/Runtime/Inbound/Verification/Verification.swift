import Crypto
import HTTPTypes
import Resources
import Store

/// Whether a request comes from where it says, as pure functions of its headers, its body, the secrets and the time.
///
/// What the headers alone tell is decided before a byte of the body is read; a signature over the body is computed while
/// the body passes by.
enum Verification {
    /// What the headers say.
    enum HeaderResult {
        case accepted
        case refused
        /// Accepted if the body fits.
        case needsBody(BodyVerification)
    }

    /// How far a time stamp may be from now, in both directions.
    static let tolerance: Int64 = 300

    static func check(
        _ way: InboundEndpointSpec.Verification, _ fields: HTTPFields, _ secrets: VerificationSecrets,
        now: UnixTime
    ) -> HeaderResult {
        let headers = SingleHeaders(fields)
        switch way {
        case .sharedSecret(let header, _): return matches(headers[header], secrets)
        case .basic(let username, _): return basic(headers["Authorization"], username, secrets)
        case .hmac(let header, let prefix, let encoding, _):
            guard let text = headers[header], text.hasPrefix(prefix),
                let signature = SignatureText.bytes(text.dropFirst(prefix.count), encoding)
            else { return .refused }
            return .needsBody(BodyVerification(keys: secrets.keys, signatures: [signature]))
        case .preset(let preset, _): return check(preset, headers, secrets, now: now)
        case .sendgridSignature: return sendgrid(headers, secrets)
        }
    }

    /// The headers that a way of verification reads; they are never stored.
    static func headers(of way: InboundEndpointSpec.Verification) -> [String] {
        switch way {
        case .sharedSecret(let header, _), .hmac(let header, _, _, _): [header]
        case .basic: ["authorization"]
        case .sendgridSignature:
            ["x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp"]
        case .preset(let preset, _):
            switch preset {
            case .github: ["x-hub-signature-256", "x-hub-signature"]
            case .gitlab: ["x-gitlab-token", "webhook-signature"]
            case .stripe: ["stripe-signature"]
            case .slack: ["x-slack-signature"]
            case .shopify: ["x-shopify-hmac-sha256", "shopify-hmac-sha256"]
            case .pagerduty: ["x-pagerduty-signature"]
            case .standardWebhooks: ["webhook-signature", "svix-signature"]
            }
        }
    }

    private static func matches(_ presented: String?, _ secrets: VerificationSecrets) -> HeaderResult {
        guard let presented else { return .refused }
        let value = SecretValue(Array(presented.utf8))
        // Both are compared, whichever matches.
        return secrets.values.filter { $0.matches(value) }.isEmpty ? .refused : .accepted
    }

    private static func basic(
        _ header: String?, _ username: String, _ secrets: VerificationSecrets
    ) -> HeaderResult {
        guard let parts = header?.split(separator: " ", maxSplits: 1), parts.count == 2,
            parts[0].lowercased() == "basic", let presented = Base64.bytes(parts[1])
        else { return .refused }
        let expected = secrets.values.map { secret in
            secret.withBytes { SecretValue(Array("\(username):".utf8) + $0) }
        }
        let value = SecretValue(presented)
        return expected.filter { $0.matches(value) }.isEmpty ? .refused : .accepted
    }

    private static func sendgrid(_ headers: SingleHeaders, _ secrets: VerificationSecrets) -> HeaderResult {
        guard let text = headers["X-Twilio-Email-Event-Webhook-Signature"].flatMap({ Base64.bytes($0) }),
            let signature = try? P256.Signing.ECDSASignature(derRepresentation: text),
            let timestamp = headers["X-Twilio-Email-Event-Webhook-Timestamp"],
            // There is nothing between time stamp and body, so only digits must be able to stand there.
            1...11 ~= timestamp.utf8.count, isDigits(timestamp)
        else { return .refused }
        let keys = secrets.values.compactMap { secret in
            secret.withBytes { bytes in
                Base64.bytes(String(decoding: bytes, as: UTF8.self)).flatMap {
                    try? P256.Signing.PublicKey(derRepresentation: $0)
                }
            }
        }
        return .needsBody(
            BodyVerification(publicKeys: keys, signature: signature, prefix: Array(timestamp.utf8)))
    }

    static func isDigits(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { 0x30...0x39 ~= $0 }
    }

    /// Whether a time stamp in seconds is near enough to now.
    static func isRecent(_ text: some StringProtocol, _ now: UnixTime) -> Bool {
        guard isDigits(text), let seconds = Int64(text), seconds < 1 << 40 else { return false }
        return abs(now.milliseconds / 1000 - seconds) <= tolerance
    }
}

extension VerificationSecrets {
    /// The secrets' own bytes as keys.
    var keys: [SymmetricKey] { values.map { $0.withBytes { SymmetricKey(data: $0) } } }
}
