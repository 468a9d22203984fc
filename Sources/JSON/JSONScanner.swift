/// Reads JSON (RFC 8259) from bytes in place: UTF-8 only, no lone surrogates, no duplicate keys, a bounded depth.
///
/// The one implementation of the grammar: the tree parser and the slicer are built on it.
struct JSONScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let limits: JSONLimits
    private(set) var offset = 0
    private var depth = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits = JSONLimits()) {
        self.bytes = bytes
        self.limits = limits
    }

    var atEnd: Bool { offset == bytes.count }

    enum Kind { case object, array, string, number, literal }

    // MARK: Structure

    mutating func skipWhitespace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }

    /// What the next value is, by its first byte; white space before it is passed.
    mutating func peek() throws(JSONError) -> Kind {
        skipWhitespace()
        guard offset < bytes.count else { throw error("the text ends where a value is expected") }
        switch bytes[offset] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): return .literal
        default: throw error("a value is expected")
        }
    }

    /// Reads an object; `member` gets each key and has to read the value.
    mutating func object(
        _ member: (inout JSONScanner, String) throws(JSONError) -> Void
    ) throws(JSONError) {
        try enter()
        var keys = KeySet()
        skipWhitespace()
        if !take(UInt8(ascii: "}")) {
            repeat {
                skipWhitespace()
                let start = offset
                guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
                    throw error("a key in double quotes is expected")
                }
                let key = try string()
                guard keys.insert(key) else {
                    throw JSONError(offset: start, message: "the key `\(key)` is there twice")
                }
                skipWhitespace()
                guard take(UInt8(ascii: ":")) else { throw error("`:` is expected") }
                try member(&self, key)
                skipWhitespace()
            } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "}")) else { throw error("`,` or `}` is expected") }
        }
        depth -= 1
    }

    /// Reads an array; `element` has to read one value.
    mutating func array(_ element: (inout JSONScanner) throws(JSONError) -> Void) throws(JSONError) {
        try enter()
        skipWhitespace()
        if !take(UInt8(ascii: "]")) {
            repeat {
                try element(&self)
                skipWhitespace()
            } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "]")) else { throw error("`,` or `]` is expected") }
        }
        depth -= 1
    }

    /// Checks one value of any kind and returns its place, without white space around it.
    mutating func skipValue() throws(JSONError) -> Range<Int> {
        let kind = try peek()
        let start = offset
        switch kind {
        case .object: try skipObject()
        case .array: try array { (scanner) throws(JSONError) in _ = try scanner.skipValue() }
        case .string: try skipString()
        case .number: try skipNumber()
        case .literal: _ = try literal()
        }
        return start..<offset
    }

    /// Checks an object; its keys stay bytes.
    private mutating func skipObject() throws(JSONError) {
        try enter()
        var keys = RawKeySet(bytes)
        skipWhitespace()
        if !take(UInt8(ascii: "}")) {
            repeat {
                skipWhitespace()
                let start = offset
                guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
                    throw error("a key in double quotes is expected")
                }
                let isEscaped = try skipString()
                guard keys.insert(start + 1..<offset - 1, isEscaped: isEscaped) else {
                    let key = Self.text(bytes, start + 1..<offset - 1, isEscaped: isEscaped)
                    throw JSONError(offset: start, message: "the key `\(key)` is there twice")
                }
                skipWhitespace()
                guard take(UInt8(ascii: ":")) else { throw error("`:` is expected") }
                _ = try skipValue()
                skipWhitespace()
            } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "}")) else { throw error("`,` or `}` is expected") }
        }
        depth -= 1
    }

    /// The text of a string that was checked, from what stands between its quotes.
    static func text(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, isEscaped: Bool
    ) -> String {
        let content = UnsafeBufferPointer(rebasing: bytes[range])
        return isEscaped ? unescape(content) : String(decoding: content, as: UTF8.self)
    }

    /// Nothing but white space may follow.
    mutating func end() throws(JSONError) {
        skipWhitespace()
        guard atEnd else { throw error("nothing may follow the value") }
    }

    // MARK: Scalars

    mutating func literal() throws(JSONError) -> JSONValue {
        if take("true") { return true }
        if take("false") { return false }
        if take("null") { return nil }
        throw error("a value is expected")
    }

    mutating func number() throws(JSONError) -> JSONNumber {
        let start = offset
        try skipNumber()
        return JSONNumber(unchecked: String(decoding: bytes[start..<offset], as: UTF8.self))
    }

    private mutating func skipNumber() throws(JSONError) {
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
    }

    mutating func string() throws(JSONError) -> String {
        let start = offset + 1
        let isEscaped = try skipString()
        return Self.text(bytes, start..<offset - 1, isEscaped: isEscaped)
    }

    /// Checks a string and passes it; true when it holds an escape.
    @discardableResult
    private mutating func skipString() throws(JSONError) -> Bool {
        let start = offset
        offset += 1
        var escaped = false
        while true {
            skipPlain()
            guard offset < bytes.count else {
                throw JSONError(offset: start, message: "the string does not end")
            }
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                offset += 1
                return escaped
            case UInt8(ascii: "\\"):
                escaped = true
                try skipEscape()
            case 0..<0x20: throw error("a control character in a string has to be escaped")
            case 0x20..<0x80: offset += 1
            default: try skipMultibyte()
            }
        }
    }

    /// Passes characters of ASCII that stand for themselves, eight at a time; up to seven of them stay for the caller.
    private mutating func skipPlain() {
        let (low, high) = (0x0101_0101_0101_0101 as UInt64, 0x8080_8080_8080_8080 as UInt64)
        /// The high bit of the bytes that are below `limit`, exact up to the first of them; none has the high bit itself.
        func below(_ limit: UInt64, _ word: UInt64) -> UInt64 { (word &- low &* limit) & ~word & high }
        while offset + 8 <= bytes.count {
            let word = UInt64(
                littleEndian: UnsafeRawBufferPointer(bytes).loadUnaligned(
                    fromByteOffset: offset, as: UInt64.self))
            let stops =
                word & high | below(0x20, word) | below(1, word ^ low &* 0x22) | below(1, word ^ low &* 0x5C)
            offset += stops.trailingZeroBitCount / 8
            guard stops == 0 else { return }
        }
    }

    private mutating func skipEscape() throws(JSONError) {
        guard offset + 1 < bytes.count else { throw error("the string does not end") }
        switch bytes[offset + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            offset += 2
        case UInt8(ascii: "u"):
            let unit = try hexUnit(at: offset + 2)
            switch unit {
            case 0xD800..<0xDC00:
                guard offset + 7 < bytes.count, bytes[offset + 6] == UInt8(ascii: "\\"),
                    bytes[offset + 7] == UInt8(ascii: "u"), 0xDC00..<0xE000 ~= (try hexUnit(at: offset + 8))
                else { throw error("a lone surrogate is not a character") }
                offset += 12
            case 0xDC00..<0xE000: throw error("a lone surrogate is not a character")
            default: offset += 6
            }
        default: throw error("an unknown escape")
        }
    }

    private func hexUnit(at position: Int) throws(JSONError) -> UInt16 {
        guard position + 4 <= bytes.count else { throw error("`\\u` needs four hexadecimal digits") }
        var unit: UInt16 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Self.hexDigit(byte) else { throw error("`\\u` needs four hexadecimal digits") }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    /// UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
    private mutating func skipMultibyte() throws(JSONError) {
        func continuation(_ distance: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
            offset + distance < bytes.count && range ~= bytes[offset + distance]
        }
        let length: Int
        switch bytes[offset] {
        case 0xC2...0xDF where continuation(1): length = 2
        case 0xE0 where continuation(1, 0xA0...0xBF) && continuation(2): length = 3
        case 0xED where continuation(1, 0x80...0x9F) && continuation(2): length = 3
        case 0xE1...0xEF where bytes[offset] != 0xED && continuation(1) && continuation(2): length = 3
        case 0xF0 where continuation(1, 0x90...0xBF) && continuation(2) && continuation(3): length = 4
        case 0xF4 where continuation(1, 0x80...0x8F) && continuation(2) && continuation(3): length = 4
        case 0xF1...0xF3 where continuation(1) && continuation(2) && continuation(3): length = 4
        default: throw error("the text is not UTF-8")
        }
        offset += length
    }

    // MARK: Steps

    private mutating func enter() throws(JSONError) {
        depth += 1
        guard depth <= limits.depth else { throw error("more than \(limits.depth) levels of nesting") }
        offset += 1
    }

    private mutating func digits() throws(JSONError) {
        let start = offset
        while offset < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[offset] { offset += 1 }
        guard offset > start else { throw error("a digit is expected") }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard offset < bytes.count, bytes[offset] == byte else { return false }
        offset += 1
        return true
    }

    private mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard offset + count <= bytes.count,
            (0..<count).allSatisfy({ bytes[offset + $0] == text.utf8Start[$0] })
        else { return false }
        offset += count
        return true
    }

    private func error(_ message: String) -> JSONError { JSONError(offset: offset, message: message) }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// - Precondition: `skipString` has accepted the content.
    private static func unescape(_ content: UnsafeBufferPointer<UInt8>) -> String {
        var units: [UInt8] = []
        units.reserveCapacity(content.count)
        var position = 0
        func unit(at start: Int) -> UInt32 {
            content[start..<start + 4].reduce(0) { $0 << 4 | UInt32(hexDigit($1) ?? 0) }
        }
        while position < content.count {
            guard content[position] == UInt8(ascii: "\\") else {
                units.append(content[position])
                position += 1
                continue
            }
            let escape = content[position + 1]
            position += 2
            switch escape {
            case UInt8(ascii: "b"): units.append(0x08)
            case UInt8(ascii: "f"): units.append(0x0C)
            case UInt8(ascii: "n"): units.append(0x0A)
            case UInt8(ascii: "r"): units.append(0x0D)
            case UInt8(ascii: "t"): units.append(0x09)
            case UInt8(ascii: "u"):
                var scalar = unit(at: position)
                position += 4
                if 0xD800..<0xDC00 ~= scalar {
                    scalar = 0x10000 + (scalar - 0xD800) << 10 + (unit(at: position + 2) - 0xDC00)
                    position += 6
                }
                if let scalar = Unicode.Scalar(scalar) {
                    units.append(contentsOf: UTF8.encode(scalar) ?? .init())
                }
            default: units.append(escape)
            }
        }
        return String(decoding: units, as: UTF8.self)
    }
}

/// The keys of one object as they stand in the text; texts are only made of them when there are many, or when one is
/// escaped and may be another in disguise.
private struct RawKeySet {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var plain = InlineArray<16, Key>(repeating: Key(start: 0, count: 0))
    private var count = 0
    private var texts: KeySet?

    private struct Key {
        let start: Int
        let count: Int
    }

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// False when the key is there already.
    mutating func insert(_ key: Range<Int>, isEscaped: Bool) -> Bool {
        if texts == nil, isEscaped || count == plain.count { becomeTexts() }
        if texts != nil {
            return texts?.insert(JSONScanner.text(bytes, key, isEscaped: isEscaped)) ?? true
        }
        let new = Key(start: key.lowerBound, count: key.count)
        for index in 0..<count where plain[index].count == new.count {
            if isSame(plain[index], new) { return false }
        }
        plain[count] = new
        count += 1
        return true
    }

    private mutating func becomeTexts() {
        var keys = KeySet()
        for index in 0..<count {
            let key = plain[index]
            _ = keys.insert(JSONScanner.text(bytes, key.start..<key.start + key.count, isEscaped: false))
        }
        texts = keys
    }

    private func isSame(_ left: Key, _ right: Key) -> Bool {
        for distance in 0..<left.count where bytes[left.start + distance] != bytes[right.start + distance] {
            return false
        }
        return true
    }
}

/// The keys of one object, by their bytes; a set is only made when there are many.
private struct KeySet {
    private var few: [String] = []
    private var many: Set<[UInt8]> = []

    mutating func insert(_ key: String) -> Bool {
        if few.count < 16 {
            guard !few.contains(where: { $0.utf8.elementsEqual(key.utf8) }) else { return false }
            if few.isEmpty { few.reserveCapacity(4) }
            few.append(key)
            if few.count == 16 { many = Set(few.map { Array($0.utf8) }) }
            return true
        }
        return many.insert(Array(key.utf8)).inserted
    }
}
