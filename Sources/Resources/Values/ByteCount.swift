/// A number of bytes, written `512B`, `16KiB`, `1MiB`, `2GiB`.
package struct ByteCount: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let bytes: Int

    private static let units: [(name: String, bytes: Int)] = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
    ]

    package init(_ bytes: Int) { self.bytes = bytes }
    package static func kibibytes(_ count: Int) -> ByteCount { ByteCount(count << 10) }
    package static func mebibytes(_ count: Int) -> ByteCount { ByteCount(count << 20) }

    /// nil when the text is not a whole number with one of the units.
    package init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits),
            let unit = Self.units.first(where: { $0.name == text.dropFirst(digits.count) })
        else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: unit.bytes)
        guard !overflow else { return nil }
        bytes = product
    }

    /// The one normal spelling, in the largest unit that divides it: `1024KiB` is `1MiB`.
    package var description: String {
        let unit = bytes == 0 ? Self.units[3] : Self.units.first { bytes % $0.bytes == 0 } ?? Self.units[3]
        return "\(bytes / unit.bytes)\(unit.name)"
    }

    package static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }
}
