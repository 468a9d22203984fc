import Crypto

/// The signature of an outgoing webhook: HMAC-SHA256 of the raw body with the secret's bytes, lower-case hex.
package enum WebhookSignature {
    package static func hex(of body: [UInt8], secret: SecretValue) -> String {
        let code = body.withUnsafeBytes { secret.signingKey.code(of: $0) }
        return code.withUnsafeBytes { Hex.lowercase($0) }
    }
}
