/// Reads the parts of a date and time.
struct DateReader {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    var atEnd: Bool { rest.isEmpty }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    /// Exactly `count` digits.
    mutating func digits(_ count: Int) -> Int? {
        let text = rest.prefix(count)
        guard text.count == count, text.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
            return nil
        }
        rest.removeFirst(count)
        return Int(String(Substring(text)))
    }

    /// Nanoseconds; 0 without a point, nil for a point without digits.
    mutating func fraction() -> Int? {
        guard take(".") else { return 0 }
        let text = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        guard !text.isEmpty else { return nil }
        rest.removeFirst(text.count)
        let nine = String(Substring(text.prefix(9)))
        return Int(nine + String(repeating: "0", count: 9 - nine.utf8.count))
    }

    /// Seconds east of UTC; nil when there is no offset.
    mutating func offset() -> Int? {
        if take("Z") || take("z") { return 0 }
        return numericOffset(signRequired: true)
    }

    /// `+02:00`, `-09:30`, and `02:00` where a sign is not required.
    mutating func numericOffset(signRequired: Bool) -> Int? {
        let isNegative = take("-")
        guard isNegative || take("+") || !signRequired else { return nil }
        guard let hours = digits(2), take(":"), let minutes = digits(2), hours < 24, minutes < 60 else {
            return nil
        }
        return (hours * 3600 + minutes * 60) * (isNegative ? -1 : 1)
    }
}
