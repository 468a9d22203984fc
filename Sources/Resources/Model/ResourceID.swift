/// Kind and name: what a resource is called, `Subscription/erp-tickets`.
package struct ResourceID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let kind: ResourceKind
    package let name: String

    package init(_ kind: ResourceKind, _ name: String) {
        self.kind = kind
        self.name = name
    }

    /// Reads `Kind/name`; nil for an unknown kind or a name that breaks the rule for names.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = ResourceKind(rawValue: String(parts[0])), Self.isName(parts[1])
        else {
            return nil
        }
        self.init(kind, String(parts[1]))
    }

    package var description: String { "\(kind.rawValue)/\(name)" }

    /// Kinds in the order of creation, then names by their bytes.
    package static func < (left: ResourceID, right: ResourceID) -> Bool {
        left.kind == right.kind
            ? left.name.utf8.lexicographicallyPrecedes(right.name.utf8) : left.kind < right.kind
    }

    /// The rule for names, as a regular expression for the JSON Schema.
    package static let namePattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"

    /// Whether the text follows ``namePattern``.
    package static func isName(_ text: some StringProtocol) -> Bool {
        let bytes = text.utf8
        guard (1...63).contains(bytes.count), bytes.first != UInt8(ascii: "-") else { return false }
        var last: UInt8 = 0
        for byte in bytes {
            guard (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
            else {
                return false
            }
            last = byte
        }
        return last != UInt8(ascii: "-")
    }
}
