/// A text in which secrets stand, by their names: the value is not in it and cannot leak from it.
///
/// It is what `'Bearer ' + secrets['pagerduty']` evaluates to. The text itself is made by `reveal`, at the
/// moment when it is sent.
package struct SecretText: Sendable, Hashable {
    indirect enum Part: Sendable, Hashable {
        case text(String)
        case secret(String)
        case base64(SecretText)
        case percentEncoded(SecretText)
    }

    let parts: [Part]

    init(parts: [Part]) { self.parts = parts }

    /// The value of one secret.
    package init(secret name: String) { parts = [.secret(name)] }

    /// The names of the secrets, each once, in the order of their first use.
    package var names: [String] {
        var seen: [String] = []
        for part in parts {
            let names =
                switch part {
                case .text: [String]()
                case .secret(let name): [name]
                case .base64(let inner), .percentEncoded(let inner): inner.names
                }
            for name in names where !seen.contains(name) { seen.append(name) }
        }
        return seen
    }

    /// The text for journals and logs: `secret:<name>` in the place of each secret.
    package var redacted: String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .secret(let name): "secret:\(name)"
            case .base64(let inner): "base64(\(inner.redacted))"
            case .percentEncoded(let inner): inner.redacted
            }
        }.joined()
    }

    /// The text with the secrets' values; the caller must not keep it.
    package func reveal<Failure: Error>(_ resolve: (String) throws(Failure) -> String) throws(Failure)
        -> String
    {
        var result = ""
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .secret(let name): result += try resolve(name)
            case .base64(let inner): result += Base64.encode(Array(try inner.reveal(resolve).utf8))
            case .percentEncoded(let inner): result += PercentEncoding.encode(try inner.reveal(resolve))
            }
        }
        return result
    }

    static func + (left: SecretText, right: SecretText) -> SecretText {
        SecretText(parts: left.parts + right.parts)
    }
}

extension SecretText: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "<redacted>" }
    package var debugDescription: String { description }
}
