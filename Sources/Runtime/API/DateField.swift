import Glibc
import Store
import Synchronization

/// The `Date` of an answer (RFC 9110, section 6.6.1), for those that the server beneath does not write.
enum DateField {
    private static let latest = Mutex<(second: Int64, text: String)>((.min, ""))

    /// Made once a second.
    static func now() -> String {
        let second = UnixTime.now().milliseconds / 1000
        return latest.withLock { latest in
            if latest.second != second { latest = (second, text(second: second)) }
            return latest.text
        }
    }

    /// The preferred form of an HTTP date: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
    ///
    /// - Parameter second: since 1970.
    static func text(second: Int64) -> String {
        var (time, parts) = (time_t(second), tm())
        gmtime_r(&time, &parts)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let date = "\(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(parts.tm_year + 1900)"
        let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        return "\(days[Int(parts.tm_wday)]), \(date) \(clock) GMT"
    }
}
