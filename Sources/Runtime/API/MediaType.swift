/// The value of a `Content-Type` header (RFC 9110, section 8.3): a type and parameters with lower-case names.
struct MediaType: Sendable, Equatable {
    /// Lower case, such as `text/plain`.
    let essence: String
    let parameters: [String: String]

    init(_ text: String) {
        let parsed = HeaderParameters(text)
        essence = parsed.value.lowercased()
        parameters = parsed.parameters
    }

    var isJSON: Bool {
        essence == "application/json" || (essence.hasPrefix("application/") && essence.hasSuffix("+json"))
    }
    var isForm: Bool { essence == "application/x-www-form-urlencoded" }
    var isXML: Bool { essence == "application/xml" || essence.hasSuffix("+xml") }
    var isText: Bool { essence.hasPrefix("text/") }
    var charset: String? { parameters["charset"] }
}

/// A header value with parameters: `form-data; name="a"; filename="b c"`.
///
/// Lenient, as e-mail programs demand: a quoted string may hold anything, and one that does not end goes to the end.
struct HeaderParameters: Sendable, Equatable {
    let value: String
    /// By lower-case names; the first of several counts.
    private(set) var parameters: [String: String] = [:]

    init(_ text: String) {
        value = String(text.prefix { $0 != ";" }).trimmingSpaces
        var rest = text.drop { $0 != ";" }
        while rest.first == ";" {
            rest = rest.dropFirst()
            let name = String(rest.prefix { $0 != "=" && $0 != ";" }).trimmingSpaces.lowercased()
            rest = rest.drop { $0 != "=" && $0 != ";" }
            guard rest.first == "=" else { continue }
            rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
            let value = Self.take(&rest)
            rest = rest.drop { $0 != ";" }
            if !name.isEmpty, parameters[name] == nil { parameters[name] = value }
        }
    }

    private static func take(_ rest: inout Substring) -> String {
        guard rest.first == "\"" else {
            let token = rest.prefix { $0 != ";" }
            rest = rest.dropFirst(token.count)
            return String(token).trimmingSpaces
        }
        rest = rest.dropFirst()
        var text = ""
        while let character = rest.popFirst(), character != "\"" {
            // Browsers write %22 for a quote; a backslash escapes only a quote or itself, because it is also what
            // paths of Windows are made of.
            if character == "\\", let next = rest.first, next == "\"" || next == "\\" {
                text.append(next)
                rest = rest.dropFirst()
            } else {
                text.append(character)
            }
        }
        return text
    }
}
