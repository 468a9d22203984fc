package import JSON

extension SecretText {
    /// A text without secrets.
    package init(_ text: String) { parts = [.text(text)] }

    /// The texts one after the other.
    package init(joining texts: some Sequence<SecretText>) { parts = texts.flatMap(\.parts) }

    /// The text when no secret stands in it.
    package var plain: String? {
        guard names.isEmpty else { return nil }
        let nothing: (String) -> String = { _ in "" }
        return reveal(nothing)
    }

    /// Percent-encoded (RFC 3986), the secrets' values included.
    package var percentEncoded: SecretText { SecretText(parts: [.percentEncoded(self)]).simplified }

    /// In base64 (RFC 4648, section 4), the secrets' values included.
    package var base64: SecretText { SecretText(parts: [.base64(self)]).simplified }

    /// Texts without secrets are encoded at once.
    private var simplified: SecretText { plain.map { SecretText($0) } ?? self }
}

extension SecretText {
    /// The text with its secrets' names, exactly: a string where there are none, else the list of its parts. What is read
    /// back from it reveals the same.
    package var json: JSONValue {
        if let plain { return .string(plain) }
        return .array(
            parts.map { part in
                switch part {
                case .text(let text): .string(text)
                case .secret(let name): ["secret": .string(name)]
                case .base64(let inner): ["base64": inner.json]
                case .percentEncoded(let inner): ["percentEncoded": inner.json]
                }
            })
    }

    /// nil for JSON of another form.
    package init?(json: JSONValue) {
        switch json {
        case .string(let text): self.init(text)
        case .array(let elements):
            var parts: [Part] = []
            for element in elements {
                if let text = element.string {
                    parts.append(.text(text))
                } else if let name = element["secret"]?.string {
                    parts.append(.secret(name))
                } else if let inner = element["base64"].flatMap(SecretText.init(json:)) {
                    parts.append(.base64(inner))
                } else if let inner = element["percentEncoded"].flatMap(SecretText.init(json:)) {
                    parts.append(.percentEncoded(inner))
                } else {
                    return nil
                }
            }
            self.init(parts: parts)
        default: return nil
        }
    }
}
