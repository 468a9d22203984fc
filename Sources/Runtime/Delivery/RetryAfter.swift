import OutboundHTTP
import Store

/// The `Retry-After` header (RFC 9110, section 10.2.3): seconds, or a date in one of the three HTTP forms.
enum RetryAfter {
    /// What an answer asks for; nil when it asks for nothing.
    ///
    /// There should be one field (RFC 9110, section 5.3). Where a proxy adds its own, the longest wait suits both.
    static func asked(by headers: ResponseHeaders, now: UnixTime) -> Duration? {
        headers.values(of: "retry-after").compactMap { parse($0, now: now) }.max()
    }

    /// nil when the value is neither; zero for a date that has passed.
    static func parse(_ value: String, now: UnixTime) -> Duration? {
        let text = value.trimmingSpaces
        if !text.isEmpty, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) {
            return .seconds(Int64(text) ?? Int64(Int32.max))
        }
        return date(text).map { max($0 - now, .zero) }
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// The day's name is not looked at; what is left has one order in `Sun, 06 Nov 1994 08:49:37 GMT` and
    /// `Sunday, 06-Nov-94 08:49:37 GMT`, and another in `Sun Nov  6 08:49:37 1994` (RFC 9110, section 5.6.7).
    private static func date(_ text: String) -> UnixTime? {
        let parts = text.lowercased().split { " ,-:".contains($0) }.map(String.init)
        guard parts.count == 8 && parts[7] == "gmt" || parts.count == 7 else { return nil }
        let isAsctime = parts.count == 7
        let (day, month, year) = isAsctime ? (parts[2], parts[1], parts[6]) : (parts[1], parts[2], parts[3])
        let time = isAsctime ? parts[3...5] : parts[4...6]
        guard let number = months.firstIndex(of: month), let year = Int(year) else { return nil }
        // RFC 850 has two digits: the nearest year that is not more than 50 years ahead.
        let fullYear = year >= 100 ? year : year + (year < 70 ? 2000 : 1900)
        let padded = { (text: String) in text.utf8.count == 1 ? "0" + text : text }
        let date = [String(fullYear), padded(String(number + 1)), padded(day)].joined(separator: "-")
        return UnixTime(rfc3339: "\(date)T\(time.map(padded).joined(separator: ":"))Z")
    }
}

extension String {
    /// Without spaces and tabs at both ends.
    var trimmingSpaces: String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        return String(
            decoding: utf8.drop(while: isSpace).reversed().drop(while: isSpace).reversed(), as: UTF8.self)
    }
}
