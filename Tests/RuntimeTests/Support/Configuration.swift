import Crypto

/// A token with all rights; its secret is `api-token` with the value `secret-token`.
let adminToken = """
    ---
    kind: ApiToken
    metadata: {name: tester}
    spec: {secretRef: api-token, scopes: [admin]}

    """

/// The value of the secret `api-token`.
let token = "secret-token"

/// A subscription to everything, signed with the secret `signing`.
func subscription(_ name: String = "all", to url: String, events: String = "'*'") -> String {
    """
    ---
    kind: Subscription
    metadata: {name: \(name)}
    spec:
      targetURL: \(url)
      events: [\(events)]
      signing: {secretRef: signing}

    """
}

/// Lower-case hex HMAC-SHA256, as a receiver would compute it.
func hmac(_ body: [UInt8], key: String) -> String {
    HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Array(key.utf8))).map { byte in
        String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }.joined()
}
