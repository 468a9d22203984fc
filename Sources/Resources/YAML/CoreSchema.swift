/// The core schema of YAML 1.2.2 (section 10.3.2) for plain scalars: `yes`, `on`, `1_000` and dates are strings.
enum CoreSchema {
    enum Resolution: Equatable {
        case tag(Scalar.Tag)
        /// A number with a leading zero: octal for a YAML 1.1 reader, decimal for a 1.2 one.
        case leadingZero
    }

    static func resolve(_ text: UnsafeBufferPointer<UInt8>) -> Resolution {
        guard let first = text.first else { return .tag(.null) }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            return number(text)
        case UInt8(ascii: "~"), UInt8(ascii: "n"), UInt8(ascii: "N"):
            return .tag(matches(text, ["~", "null", "Null", "NULL"]) ? .null : .string)
        case UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"):
            return .tag(matches(text, ["true", "True", "TRUE", "false", "False", "FALSE"]) ? .bool : .string)
        default: return .tag(.string)
        }
    }

    private static func matches(_ text: UnsafeBufferPointer<UInt8>, _ words: [StaticString]) -> Bool {
        guard text.count <= 5 else { return false }
        return words.contains { word in
            word.utf8CodeUnitCount == text.count
                && UnsafeBufferPointer(start: word.utf8Start, count: text.count).elementsEqual(text)
        }
    }

    private static func number(_ text: UnsafeBufferPointer<UInt8>) -> Resolution {
        if text.count > 2, text[0] == UInt8(ascii: "0") {
            let digits = text[2...]
            if text[1] == UInt8(ascii: "x"), digits.allSatisfy(isHexadecimal) { return .tag(.int) }
            if text[1] == UInt8(ascii: "o"), digits.allSatisfy({ (0x30...0x37).contains($0) }) {
                return .tag(.int)
            }
        }
        var rest = text[...]
        if rest[0] == UInt8(ascii: "+") || rest[0] == UInt8(ascii: "-") { rest = rest.dropFirst() }
        if matches(UnsafeBufferPointer(rebasing: rest), [".inf", ".Inf", ".INF"]) { return .tag(.float) }
        if matches(text, [".nan", ".NaN", ".NAN"]) { return .tag(.float) }

        let whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(whole.count)
        var isFloat = false
        var fraction = 0
        if rest.first == UInt8(ascii: ".") {
            isFloat = true
            fraction = rest.dropFirst().prefix(while: isDigit).count
            rest = rest.dropFirst(1 + fraction)
        }
        guard whole.count + fraction > 0 else { return .tag(.string) }
        if let letter = rest.first, letter | 0x20 == UInt8(ascii: "e") {
            isFloat = true
            rest = rest.dropFirst()
            if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                rest = rest.dropFirst()
            }
            guard let digit = rest.first, isDigit(digit) else { return .tag(.string) }
            rest = rest.drop(while: isDigit)
        }
        guard rest.isEmpty else { return .tag(.string) }
        if whole.count > 1, whole.first == UInt8(ascii: "0") { return .leadingZero }
        return .tag(isFloat ? .float : .int)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x61...0x66).contains(byte | 0x20)
    }
}
