import HTTPTypes
import JSON

/// What of a request may be stored: neither what it was verified with nor other credentials.
enum PublicParts {
    private static let credentialHeaders: Set<String> = ["authorization", "proxy-authorization", "cookie"]
    /// Names of query parameters that hold credentials by convention.
    private static let credentialParameters: Set<String> = [
        "access_token", "api_key", "api-key", "apikey", "auth", "authorization", "code", "key", "password",
        "secret",
        "sig", "signature", "token", "webhook_secret",
    ]

    /// By lower-case names; the values of repeated lines are joined (RFC 9110, section 5.2).
    static func headers(_ fields: HTTPFields, without verification: [String]) -> JSONObject {
        let hidden = credentialHeaders.union(verification.map { $0.lowercased() })
        var headers = JSONObject()
        for field in fields {
            let name = field.name.canonicalName
            guard !hidden.contains(name) else { continue }
            let earlier = headers[name]?.string.map { $0 + ", " } ?? ""
            headers[name] = .string(earlier + field.value)
        }
        return headers
    }

    static func query(_ parameters: [(name: String, value: String)]) -> JSONObject {
        var query = JSONObject()
        for (name, value) in parameters where !credentialParameters.contains(name.lowercased()) {
            if query[name] == nil { query[name] = .string(value) }
        }
        return query
    }
}
