internal import JSON

extension Scalar {
    /// The value of a scalar with the tag `bool`.
    var bool: Bool { text.utf8.first.map { $0 | 0x20 } == UInt8(ascii: "t") }

    /// The value of an integer, decimal, `0x` or `0o`; nil when it does not fit.
    var int: Int? {
        guard tag == .int else { return nil }
        if text.hasPrefix("0x") { return Int(text.dropFirst(2), radix: 16) }
        if text.hasPrefix("0o") { return Int(text.dropFirst(2), radix: 8) }
        return Int(text)
    }

    /// The value of a number; nil for infinities and NaN.
    var double: Double? { number.map(\.double).flatMap { $0.isFinite ? $0 : nil } }

    /// The number as JSON has it, with its own digits where JSON allows them; nil for `.inf`, `.nan`, and for hexadecimal
    /// and octal beyond 64 bits.
    var number: JSONNumber? {
        if let plain = JSONNumber(text: text) { return plain }
        if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16).map { JSONNumber($0) } }
        if text.hasPrefix("0o") { return UInt64(text.dropFirst(2), radix: 8).map { JSONNumber($0) } }
        var rest = Substring(text)
        var normal = rest.hasPrefix("-") ? "-" : ""
        if rest.hasPrefix("-") || rest.hasPrefix("+") { rest.removeFirst() }
        if rest.hasPrefix(".") { normal += "0" }
        let mantissa = rest.prefix { $0 != "e" && $0 != "E" }
        normal += mantissa.hasSuffix(".") ? mantissa.dropLast() : mantissa
        normal += rest.dropFirst(mantissa.count)
        return JSONNumber(text: normal)
    }
}
