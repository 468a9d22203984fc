internal import JSON

/// How the place of a member in a resource is written: `spec.retry`, or `metadata.labels["example.com/team"]` for a key
/// that is no plain word.
package enum MemberPath {
    package static func appending(_ key: String, to path: String) -> String {
        guard isWord(key) else { return path + "[\(JSONValue.string(key).text)]" }
        return path.isEmpty ? key : "\(path).\(key)"
    }

    /// Whether one path is the other, or a place in it.
    package static func contains(_ outer: String, _ inner: String) -> Bool {
        guard inner.hasPrefix(outer) else { return false }
        guard let next = inner.dropFirst(outer.count).first else { return true }
        return next == "." || next == "["
    }

    private static func isWord(_ key: String) -> Bool {
        !key.isEmpty
            && key.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
