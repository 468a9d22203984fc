/// Durations as they are written in resources: whole numbers with the units `ms s m h d`, largest unit first,
/// each at most once: `500ms`, `30s`, `1h30m`, `7d`.
extension Duration {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    /// About a hundred years; a sum beyond it is not a duration.
    private static let largest: Int64 = 36_500 * 86_400_000

    /// nil when the text does not follow the form, or is beyond a hundred years.
    package init?(configurationText text: String) {
        // Bytes, because a repository holds thousands of them and characters cost ten times as much.
        var rest = Array(text.utf8)[...]
        var total: Int64 = 0
        var next = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { (0x61...0x7A).contains($0 | 0x20) }
            rest = rest.dropFirst(name.count)
            guard let count = Self.number(digits),
                let unit = Self.units.indices.first(where: { name.elementsEqual(Self.units[$0].name.utf8) }),
                unit >= next
            else { return nil }
            let (product, overflow) = count.multipliedReportingOverflow(by: Self.units[unit].milliseconds)
            guard !overflow, product <= Self.largest - total else { return nil }
            total += product
            next = unit + 1
        }
        self = .milliseconds(total)
    }

    /// nil for no digit at all, and beyond 64 bits.
    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        guard !digits.isEmpty else { return nil }
        var number: Int64 = 0
        for digit in digits {
            let (tens, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = tens.addingReportingOverflow(Int64(digit - 0x30))
            guard !isTooLarge, !overflow else { return nil }
            number = sum
        }
        return number
    }

    /// The one normal spelling: `90m` is `1h30m`, `24h` is `1d`, nothing is `0s`. Fractions of a millisecond are
    /// dropped.
    package var configurationText: String {
        var rest = wholeMilliseconds
        guard rest > 0 else { return "0s" }
        var text = ""
        for unit in Self.units where rest >= unit.milliseconds {
            text += "\(rest / unit.milliseconds)\(unit.name)"
            rest %= unit.milliseconds
        }
        return text
    }

    /// The duration in milliseconds, towards zero.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }
}
