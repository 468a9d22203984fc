import Crypto
import HTTPTypes
import Resources
package import Store

/// Finds out who calls from the bearer token (RFC 6750).
struct Authenticator: Sendable {
    let configuration: ConfigurationWatcher
    let secrets: SecretStore
    let local: LocalCredential

    /// The caller of a request; nil for a route that is open.
    ///
    /// - Throws: `Problem` 401 without a hint at what was wrong, 403 when the scope is missing, 503 before a
    ///   configuration is live.
    func authenticate(
        _ token: @autoclosure () -> SecretValue?, for access: APIRoute.Access
    ) throws -> Caller? {
        guard case .scope(let scope) = access else { return nil }
        guard let caller = token().flatMap(caller) else {
            // Before the first configuration nobody is known yet, which is no reason to give up.
            guard configuration.current.serial > 0 else { throw Problem.noConfiguration }
            throw Problem.unauthorized
        }
        guard caller.allows(scope) else { throw Problem.forbidden(scope.rawValue) }
        return caller
    }

    /// The bearer token that a request presents.
    static func token(_ headers: HTTPFields) -> SecretValue? {
        guard var header = headers.value(of: .authorization) else { return nil }
        return header.withUTF8 { header in
            let scheme = "bearer " as StaticString
            let isBearer =
                header.count > scheme.utf8CodeUnitCount
                // Letters alone differ in the bit of their case; a space has it already.
                && (0..<scheme.utf8CodeUnitCount).allSatisfy { header[$0] | 0x20 == scheme.utf8Start[$0] }
            guard isBearer else { return nil }
            let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
            var token = header[scheme.utf8CodeUnitCount...].drop(while: isSpace)
            while token.last.map(isSpace) == true { token.removeLast() }
            return SecretValue(Array(token))
        }
    }

    /// Every token is compared, in constant time by digest, whether or not an earlier one matched. A value that is that of
    /// several tokens allows what any of them does, under the name of the first.
    private func caller(_ presented: SecretValue) -> Caller? {
        var found: Caller?
        if local.value.matches(presented) { found = Caller(name: "local", scopes: [.admin]) }
        for token in configuration.current.tokens {
            let isCurrent = isValue(presented, of: token.spec.secretRef)
            let isPrevious = token.spec.previousSecretRef.map { isValue(presented, of: $0) } ?? false
            guard isCurrent || isPrevious else { continue }
            found =
                found.map { Caller(name: $0.name, scopes: $0.scopes + token.spec.scopes) }
                ?? Caller(name: token.name, scopes: token.spec.scopes)
        }
        return found
    }

    private func isValue(_ presented: SecretValue, of name: String) -> Bool {
        secrets.value(name)?.matches(presented) ?? false
    }
}

/// The token of commands on the same machine: derived from the state's key, so whoever can read that file (0600) has
/// it, and nobody else.
package struct LocalCredential: Sendable {
    let value: SecretValue

    package init(_ key: StateKey) {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("local-credential".utf8), using: SymmetricKey(data: key.bytes))
        value = SecretValue(Array(Hex.lowercase(Array(code)).utf8))
    }

    /// What goes behind `Authorization: Bearer`.
    package var bearer: String { value.withBytes { String(decoding: $0, as: UTF8.self) } }
}
