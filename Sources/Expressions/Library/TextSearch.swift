/// Searching by scalars, on the UTF-8: well-formed UTF-8 can only be found where a scalar begins.
enum TextSearch {
    static func hasPrefix(_ text: String, _ prefix: String) -> Bool {
        ScalarString.withBytes(text) { text in
            ScalarString.withBytes(prefix) { prefix in
                text.count >= prefix.count
                    && ScalarString.order(.init(rebasing: text[..<prefix.count]), prefix) == 0
            }
        }
    }

    static func hasSuffix(_ text: String, _ suffix: String) -> Bool {
        ScalarString.withBytes(text) { text in
            ScalarString.withBytes(suffix) { suffix in
                text.count >= suffix.count
                    && ScalarString.order(.init(rebasing: text[(text.count - suffix.count)...]), suffix) == 0
            }
        }
    }

    static func contains(_ text: String, _ part: String) -> Bool {
        ScalarString.withBytes(text) { text in
            ScalarString.withBytes(part) { part in
                guard part.count <= text.count else { return false }
                return (0...text.count - part.count).contains { start in
                    ScalarString.order(.init(rebasing: text[start..<start + part.count]), part) == 0
                }
            }
        }
    }
}
