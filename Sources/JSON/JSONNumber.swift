/// The text of a JSON number, as it was written or in the shortest form that reads back as the same value.
package struct JSONNumber: Sendable, Hashable {
    package let text: String

    /// - Precondition: `text` follows RFC 8259, section 6; the parser has checked it.
    init(unchecked text: String) { self.text = text }

    /// nil when the text is not a number of RFC 8259.
    package init?(text: String) {
        var copy = text
        let valid = copy.withUTF8 { bytes in
            var scanner = JSONScanner(bytes)
            return (try? scanner.number()) != nil && scanner.atEnd
        }
        guard valid else { return nil }
        self.text = text
    }

    package init(_ value: some FixedWidthInteger) { text = String(value) }

    /// The shortest decimal that reads back as `value`; nil for NaN and infinities, which JSON cannot express.
    package init?(_ value: Double) {
        guard value.isFinite else { return nil }
        let shortest = "\(value)"
        text = shortest.hasSuffix(".0") ? String(shortest.dropLast(2)) : shortest
    }

    /// True when the text has neither fraction nor exponent.
    package var isInteger: Bool {
        !text.utf8.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }
    }

    /// The value when it is an integer in range.
    package var int64: Int64? { isInteger ? Int64(text) : nil }
    package var uint64: UInt64? { isInteger ? UInt64(text) : nil }
    /// The nearest double; infinite beyond its range.
    package var double: Double { Double(text) ?? .nan }
}
