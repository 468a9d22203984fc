#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// `string.format(list)` of the strings extension: `%s %d %f %e %b %o %x %X %%`.
enum Format {
    /// More decimals than any number has.
    private static let maximumPrecision = 1000

    static func text(
        _ format: String, _ arguments: CELList, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> String {
        var result = ""
        var rest = format.unicodeScalars[...]
        var next = 0
        while let percent = rest.firstIndex(of: "%") {
            result += String(rest[..<percent])
            rest = rest[rest.index(after: percent)...]
            if rest.first == "%" {
                result.unicodeScalars.append("%")
                rest.removeFirst()
                continue
            }
            let precision = try precision(&rest)
            guard let clause = rest.popFirst() else { throw .invalidArgument("the format ends after `%`") }
            guard next < arguments.count else {
                throw EvaluationError(
                    .indexOutOfRange, "the format needs more than \(arguments.count) arguments")
            }
            let part = try self.clause(clause, precision, arguments[next], &evaluation)
            try evaluation.chargeTraversal(part.utf8.count)
            result += part
            next += 1
        }
        return result + String(rest)
    }

    private static func precision(_ rest: inout Substring.UnicodeScalarView) throws(EvaluationError) -> Int? {
        guard rest.first == "." else { return nil }
        rest.removeFirst()
        let digits = rest.prefix { $0.isDigit }
        rest.removeFirst(digits.count)
        guard let precision = Int(String(Substring(digits))), precision <= maximumPrecision else {
            throw .invalidArgument("the precision in the format is not a number up to \(maximumPrecision)")
        }
        return precision
    }

    private static func clause(
        _ clause: Unicode.Scalar, _ precision: Int?, _ value: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> String {
        let text: String?
        switch clause {
        case "s": return try string(value, &evaluation)
        case "d": text = decimal(value)
        case "f": text = floating(value, "%.*f", precision ?? 6)
        case "e": text = floating(value, "%.*e", precision ?? 6)
        case "b": text = integer(value, radix: 2)
        case "o": text = isBool(value) ? nil : integer(value, radix: 8)
        case "x": text = hexadecimal(value)
        case "X": text = hexadecimal(value)?.uppercased()
        default: throw .invalidArgument("`%\(Character(clause))` is not a clause of a format")
        }
        guard let text else {
            throw .invalidArgument("`%\(Character(clause))` does not take `\(value.typeName)`")
        }
        return text
    }

    // MARK: Clauses

    /// `%s`: also lists and maps, the keys of a map in their order as texts.
    private static func string(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> String
    {
        switch value {
        case .null: return "null"
        case .double(let value) where value.isFinite: return plain(value)
        case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .list(let list):
            try evaluation.charge(list.count)
            var parts: [String] = []
            for position in 0..<list.count { parts.append(try string(list[position], &evaluation)) }
            return try bounded("[" + parts.joined(separator: ", ") + "]", &evaluation)
        case .map(let map):
            try evaluation.charge(map.count)
            var parts: [(key: String, value: String)] = []
            for position in 0..<map.count {
                let (key, value) = map[position]
                parts.append((try string(key, &evaluation), try string(value, &evaluation)))
            }
            parts.sort { ScalarString.order($0.key, $1.key) < 0 }
            return try bounded(
                "{" + parts.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}", &evaluation)
        case .secret: throw .secretMisuse
        default:
            guard let text = value.scalarText else {
                throw .invalidArgument("`%s` does not take `\(value.typeName)`")
            }
            return text
        }
    }

    private static func bounded(_ text: String, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> String
    {
        try evaluation.chargeTraversal(text.utf8.count)
        return text
    }

    private static func decimal(_ value: CELValue) -> String? {
        switch value {
        case .int, .uint: value.scalarText
        case .double(let value): value.isFinite ? plain(value) : CELValue.text(value)
        default: nil
        }
    }

    private static func floating(_ value: CELValue, _ format: String, _ precision: Int) -> String? {
        let number: Double
        switch value {
        case .int(let value): number = Double(value)
        case .uint(let value): number = Double(value)
        case .double(let value): number = value
        default: return nil
        }
        return number.isFinite ? printed(number, format, precision) : CELValue.text(number)
    }

    private static func integer(_ value: CELValue, radix: Int) -> String? {
        switch value {
        case .int(let value): String(value, radix: radix)
        case .uint(let value): String(value, radix: radix)
        case .bool(let value): value ? "1" : "0"
        default: nil
        }
    }

    private static func hexadecimal(_ value: CELValue) -> String? {
        switch value {
        case .int, .uint: integer(value, radix: 16)
        case .string(let text): Hexadecimal.encode(text.utf8)
        case .bytes(let bytes): Hexadecimal.encode(bytes)
        default: nil
        }
    }

    private static func isBool(_ value: CELValue) -> Bool {
        if case .bool = value { true } else { false }
    }

    // MARK: Numbers

    /// The shortest decimal without an exponent.
    private static func plain(_ value: Double) -> String {
        let short = CELValue.text(value)
        guard let mark = short.firstIndex(of: "e"), let exponent = Int(short[short.index(after: mark)...])
        else {
            return short
        }
        let isNegative = short.hasPrefix("-")
        let mantissa = short[..<mark].drop { $0 == "-" }
        let whole = mantissa.prefix { $0 != "." }
        let fraction = mantissa.dropFirst(whole.count + 1)
        var digits = String(whole + fraction)
        let point = whole.count + exponent
        if point <= 0 {
            digits = "0." + String(repeating: "0", count: -point) + digits
        } else if point >= digits.count {
            digits += String(repeating: "0", count: point - digits.count)
        } else {
            digits.insert(".", at: digits.index(digits.startIndex, offsetBy: point))
        }
        return (isNegative ? "-" : "") + digits
    }

    /// What C's `printf` makes of a number; it rounds the exact binary value.
    private static func printed(_ value: Double, _ format: String, _ precision: Int) -> String {
        withVaList([Int32(precision), value]) { arguments in
            // The longest double has 309 digits before the point.
            let capacity = precision + 330
            return String(unsafeUninitializedCapacity: capacity) { buffer in
                buffer.withMemoryRebound(to: CChar.self) {
                    Int(vsnprintf($0.baseAddress, capacity, format, arguments))
                }
            }
        }
    }
}
