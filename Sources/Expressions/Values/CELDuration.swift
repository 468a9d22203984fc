/// A span of time in whole nanoseconds, about 292 years either way.
package struct CELDuration: Sendable, Hashable, Comparable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// nil beyond the range.
    package init?(seconds: Int64, nanoseconds: Int64 = 0) {
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: Self.second)
        let (sum, sumOverflow) = whole.addingReportingOverflow(nanoseconds)
        guard !overflow, !sumOverflow else { return nil }
        self.nanoseconds = sum
    }

    package static func < (left: CELDuration, right: CELDuration) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    static let second: Int64 = 1_000_000_000

    /// Nanoseconds of each unit that a text may use.
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("ns", 1), ("us", 1000), ("µs", 1000), ("μs", 1000), ("ms", 1_000_000), ("s", second),
        ("m", 60 * second),
        ("h", 3600 * second),
    ]

    /// Reads what Go's `time.ParseDuration` reads: `1h45m`, `-1.5s`, `300ms`; nil for anything else.
    package init?(_ text: String) {
        var rest = Substring(text)
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest.removeFirst() }
        if rest == "0" {
            nanoseconds = 0
            return
        }
        guard !rest.isEmpty else { return nil }
        var total: Int128 = 0
        while !rest.isEmpty {
            guard let part = Self.part(&rest) else { return nil }
            total += part
            guard total <= Int128(Int64.max) + 1 else { return nil }
        }
        guard let value = Int64(exactly: isNegative ? -total : total) else { return nil }
        nanoseconds = value
    }

    /// One number with its unit, in nanoseconds.
    private static func part(_ rest: inout Substring) -> Int128? {
        let whole = rest.prefix { $0.isASCII && $0.isNumber }
        rest.removeFirst(whole.count)
        var fraction: Substring = ""
        if rest.first == "." {
            rest.removeFirst()
            fraction = rest.prefix { $0.isASCII && $0.isNumber }
            rest.removeFirst(fraction.count)
        }
        guard !(whole.isEmpty && fraction.isEmpty), whole.count <= 19 else { return nil }
        let name = rest.prefix { !($0 == "." || ($0.isASCII && $0.isNumber)) }
        rest.removeFirst(name.count)
        guard let unit = units.first(where: { $0.name == name })?.nanoseconds else { return nil }
        var value = (Int128(whole.isEmpty ? "0" : whole) ?? 0) * Int128(unit)
        var scale = Int128(unit)
        for digit in fraction {
            scale /= 10
            value += Int128(digit.wholeNumberValue ?? 0) * scale
        }
        return value
    }
}

extension CELDuration: CustomStringConvertible {
    /// Seconds with as many decimals as there are: `1.5s`, `-3600s`.
    package var description: String {
        let magnitude = nanoseconds.magnitude
        let (whole, fraction) = magnitude.quotientAndRemainder(dividingBy: UInt64(Self.second))
        return (nanoseconds < 0 ? "-" : "") + "\(whole)" + DecimalFraction.text(nanoseconds: Int(fraction))
            + "s"
    }
}

/// The decimals of a second.
enum DecimalFraction {
    /// `.5`, `.000000001`, or nothing for zero.
    static func text(nanoseconds: Int) -> String {
        guard nanoseconds > 0 else { return "" }
        var digits = String(nanoseconds)
        digits = String(repeating: "0", count: 9 - digits.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return "." + digits
    }
}
