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
        var rest = Substring(text)
        var total: Int64 = 0
        var next = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest.removeFirst(digits.count)
            let name = rest.prefix { $0.isASCII && $0.isLetter }
            rest.removeFirst(name.count)
            guard let count = Int64(digits),
                let unit = Self.units.indices.first(where: { Self.units[$0].name == name }), unit >= next
            else { return nil }
            let (product, overflow) = count.multipliedReportingOverflow(by: Self.units[unit].milliseconds)
            guard !overflow, product <= Self.largest - total else { return nil }
            total += product
            next = unit + 1
        }
        self = .milliseconds(total)
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
