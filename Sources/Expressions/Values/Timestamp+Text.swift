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
