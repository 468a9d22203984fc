import Crypto

/// The signature of an outgoing webhook: HMAC-SHA256 of the raw body with the secret's bytes, lower-case hex.
package enum WebhookSignature {
    package static func hex(of body: some Sequence<UInt8>, secret: SecretValue) -> String {
        var code = secret.authenticationCode()
        if body.withContiguousStorageIfAvailable({ code.update(data: UnsafeRawBufferPointer($0)) }) == nil {
            code.update(data: Array(body))
        }
        return code.finalize().withUnsafeBytes { Hex.lowercase($0) }
    }
}
