import Crypto
import Resources
import Store

/// The signatures of known senders, as their documentation describes them.
extension Verification {
    static func check(
        _ preset: InboundEndpointSpec.Preset, _ headers: SingleHeaders, _ secrets: VerificationSecrets,
        now: UnixTime
    ) -> HeaderResult {
        switch preset {
        case .github: github(headers, secrets)
        case .gitlab: gitlab(headers, secrets, now)
        case .stripe: stripe(headers, secrets, now)
        case .slack: slack(headers, secrets, now)
        case .shopify: shopify(headers, secrets)
        case .pagerduty: pagerduty(headers, secrets)
        case .standardWebhooks: standard(headers, secrets, now)
        }
    }

    /// `X-Hub-Signature-256: sha256=<hex>` over the body.
    private static func github(_ headers: SingleHeaders, _ secrets: VerificationSecrets) -> HeaderResult {
        guard let text = headers["X-Hub-Signature-256"], text.hasPrefix("sha256="),
            let signature = Hex.bytes(text.dropFirst(7))
        else { return .refused }
        return .needsBody(BodyVerification(keys: secrets.keys, signatures: [signature]))
    }

    /// A signing token (Standard Webhooks) where there is a signature, which then has to fit; else the plain token.
    private static func gitlab(
        _ headers: SingleHeaders, _ secrets: VerificationSecrets, _ now: UnixTime
    ) -> HeaderResult {
        if headers["webhook-signature"] != nil { return standard(headers, secrets, now) }
        guard let token = headers["X-Gitlab-Token"] else { return .refused }
        let presented = SecretValue(Array(token.utf8))
        return secrets.values.filter { $0.matches(presented) }.isEmpty ? .refused : .accepted
    }

    /// `Stripe-Signature: t=<seconds>,v1=<hex>[,v1=…]` over `t.body`; the key is the whole text of the secret.
    private static func stripe(
        _ headers: SingleHeaders, _ secrets: VerificationSecrets, _ now: UnixTime
    ) -> HeaderResult {
        guard let text = headers["Stripe-Signature"] else { return .refused }
        let pairs = text.split(separator: ",").map { $0.split(separator: "=", maxSplits: 1) }
        let times = pairs.filter { $0.count == 2 && $0[0] == "t" }.map { $0[1] }
        guard times.count == 1, isRecent(times[0], now) else { return .refused }
        let signatures = pairs.filter { $0.count == 2 && $0[0] == "v1" }.compactMap { Hex.bytes($0[1]) }
        return .needsBody(
            BodyVerification(keys: secrets.keys, signatures: signatures, prefix: Array("\(times[0]).".utf8)))
    }

    /// `X-Slack-Signature: v0=<hex>` over `v0:<seconds>:body`.
    private static func slack(
        _ headers: SingleHeaders, _ secrets: VerificationSecrets, _ now: UnixTime
    ) -> HeaderResult {
        guard let time = headers["X-Slack-Request-Timestamp"], isRecent(time, now),
            let text = headers["X-Slack-Signature"], text.hasPrefix("v0="),
            let signature = Hex.bytes(text.dropFirst(3))
        else { return .refused }
        return .needsBody(
            BodyVerification(keys: secrets.keys, signatures: [signature], prefix: Array("v0:\(time):".utf8)))
    }

    /// Base 64 over the body, under an old and a new name of the header.
    private static func shopify(_ headers: SingleHeaders, _ secrets: VerificationSecrets) -> HeaderResult {
        guard let text = headers["Shopify-Hmac-Sha256"] ?? headers["X-Shopify-Hmac-SHA256"],
            let signature = Base64.bytes(text)
        else { return .refused }
        return .needsBody(BodyVerification(keys: secrets.keys, signatures: [signature]))
    }

    /// `X-PagerDuty-Signature: v1=<hex>,v1=<hex>` over the body; the secret looks like base 64 and is not decoded.
    private static func pagerduty(_ headers: SingleHeaders, _ secrets: VerificationSecrets) -> HeaderResult {
        guard let text = headers["X-PagerDuty-Signature"] else { return .refused }
        let signatures = text.split(separator: ",").filter { $0.hasPrefix("v1=") }.compactMap {
            Hex.bytes($0.dropFirst(3))
        }
        guard !signatures.isEmpty else { return .refused }
        return .needsBody(BodyVerification(keys: secrets.keys, signatures: signatures))
    }

    /// Standard Webhooks and the older header names of Svix: `v1,<base64>` (HMAC) and `v1a,<base64>` (Ed25519) over
    /// `id.seconds.body`. What kind of key a secret is, its own prefix says, never the request.
    private static func standard(
        _ headers: SingleHeaders, _ secrets: VerificationSecrets, _ now: UnixTime
    ) -> HeaderResult {
        func header(_ name: String) -> String? { headers["webhook-\(name)"] ?? headers["svix-\(name)"] }
        guard let id = header("id"), let time = header("timestamp"), isRecent(time, now),
            let text = header("signature")
        else { return .refused }
        let entries = text.split(separator: " ").map { $0.split(separator: ",", maxSplits: 1) }
        func signatures(_ version: String) -> [[UInt8]] {
            entries.filter { $0.count == 2 && $0[0] == version }.compactMap { Base64.bytes($0[1]) }
        }
        let keys = secrets.values.compactMap { $0.decoded(after: "whsec_").map { SymmetricKey(data: $0) } }
        let publicKeys = secrets.values.compactMap { secret in
            secret.decoded(after: "whpk_").flatMap {
                try? Curve25519.Signing.PublicKey(rawRepresentation: $0)
            }
        }
        return .needsBody(
            BodyVerification(
                keys: keys, signatures: signatures("v1"), publicKeys: publicKeys,
                publicSignatures: signatures("v1a"), prefix: Array("\(id).\(time).".utf8)))
    }
}

extension SecretValue {
    /// The bytes that the text holds in base 64 after a prefix; nil for another kind of secret.
    fileprivate func decoded(after prefix: String) -> [UInt8]? {
        withBytes { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            return text.hasPrefix(prefix) ? Base64.bytes(text.dropFirst(prefix.count)) : nil
        }
    }
}
