import Crypto
import Foundation

/// The symmetric signatures of the Standard Webhooks specification 1.0 (github.com/standard-webhooks): `v1` and the
/// base64 HMAC-SHA256 of `id.timestamp.body`.
package enum StandardWebhooks {
    /// A secret that is not `whsec_` and base64.
    struct InvalidSecret: Error, Equatable {
        /// Whether it is the one before the rotation that is under way.
        var isPrevious = false
    }

    /// One entry of `webhook-signature`.
    ///
    /// - Parameter timestamp: seconds since 1970, as the header has them.
    package static func signature(
        id: String, timestamp: String, body: some Collection<UInt8>, secret: SecretValue
    ) throws -> String {
        var code = HMAC<SHA256>(key: try key(secret))
        code.update(data: Array("\(id).\(timestamp).".utf8))
        code.update(data: Array(body))
        return "v1," + Data(code.finalize()).base64EncodedString()
    }

    /// The bytes behind `whsec_`, which stands in front of the base64 text but may be left out.
    private static func key(_ secret: SecretValue) throws -> SymmetricKey {
        try secret.withBytes { bytes in
            let prefix = Array("whsec_".utf8)
            let text = bytes.starts(with: prefix) ? bytes.dropFirst(prefix.count) : bytes[...]
            guard let key = Data(base64Encoded: Data(text)), !key.isEmpty else { throw InvalidSecret() }
            return SymmetricKey(data: key)
        }
    }
}
