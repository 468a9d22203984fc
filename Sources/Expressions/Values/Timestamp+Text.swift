extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC, with as many decimals as there are.
    package var description: String {
        let civil = CivilTime(seconds: seconds)
        func padded(_ value: Int, _ width: Int = 2) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = "\(padded(civil.year, 4))-\(padded(civil.month))-\(padded(civil.day))"
        let time = "\(padded(civil.hour)):\(padded(civil.minute)):\(padded(civil.second))"
        return "\(date)T\(time)\(DecimalFraction.text(nanoseconds: Int(nanoseconds)))Z"
    }

    /// Reads RFC 3339, section 5.6; nil for anything else and outside of the range. Digits beyond nanoseconds
    /// are dropped.
    package init?(_ text: String) {
        var reader = DateReader(text)
        guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2), reader.take("-"),
            let day = reader.digits(2), reader.take("T") || reader.take("t") || reader.take(" "),
            let hour = reader.digits(2), reader.take(":"), let minute = reader.digits(2), reader.take(":"),
            let second = reader.digits(2), let fraction = reader.fraction(), let offset = reader.offset(),
            reader.atEnd,
            1...12 ~= month, 1...CivilTime.days(inMonth: month, of: year) ~= day, hour < 24, minute < 60,
            second < 60
        else { return nil }
        let days = Int64(CivilTime.days(year: year, month: month, day: day))
        let seconds = days * 86400 + Int64(hour * 3600 + minute * 60 + second - offset)
        self.init(seconds: seconds, nanoseconds: Int32(fraction))
    }
}

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
