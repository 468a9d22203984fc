import Glibc

/// A point in time in milliseconds since 1970-01-01T00:00:00Z; what every time column holds.
package struct UnixTime: Sendable, Hashable, Comparable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// The wall clock now. Only the composition root and the command line call this; everything else is given a clock.
    package static func now() -> UnixTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UnixTime(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    package static func < (left: UnixTime, right: UnixTime) -> Bool { left.milliseconds < right.milliseconds }

    /// Stays within the bounds of `Int64`, however long the duration.
    package static func + (time: UnixTime, duration: Duration) -> UnixTime {
        let step = duration.milliseconds
        let (sum, overflow) = time.milliseconds.addingReportingOverflow(step)
        return UnixTime(milliseconds: overflow ? (step < 0 ? .min : .max) : sum)
    }

    package static func - (time: UnixTime, duration: Duration) -> UnixTime {
        let step = duration.milliseconds
        let (difference, overflow) = time.milliseconds.subtractingReportingOverflow(step)
        return UnixTime(milliseconds: overflow ? (step < 0 ? .max : .min) : difference)
    }

    package static func - (left: UnixTime, right: UnixTime) -> Duration {
        .milliseconds(left.milliseconds - right.milliseconds)
    }
}

extension UnixTime: CustomStringConvertible {
    /// RFC 3339 in UTC: whole seconds when the milliseconds are zero, else three digits. A time before the year 0 or after
    /// 9999, which it cannot express, is shown as the nearest that it can.
    package var description: String {
        let shown = min(max(milliseconds, -62_167_219_200_000), 253_402_300_799_999)
        var (seconds, fraction) = shown.quotientAndRemainder(dividingBy: 1000)
        if fraction < 0 { (seconds, fraction) = (seconds - 1, fraction + 1000) }
        var (time, parts) = (time_t(seconds), tm())
        gmtime_r(&time, &parts)
        return String(unsafeUninitializedCapacity: 24) { text in
            var count = 0
            func append(_ digits: some BinaryInteger, _ width: Int, _ end: Unicode.Scalar) {
                var rest = Int(digits)
                for position in (count..<count + width).reversed() {
                    text[position] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                }
                text[count + width] = UInt8(ascii: end)
                count += width + 1
            }
            append(parts.tm_year + 1900, 4, "-")
            append(parts.tm_mon + 1, 2, "-")
            append(parts.tm_mday, 2, "T")
            append(parts.tm_hour, 2, ":")
            append(parts.tm_min, 2, ":")
            append(parts.tm_sec, 2, fraction > 0 ? "." : "Z")
            if fraction > 0 { append(fraction, 3, "Z") }
            return count
        }
    }

    /// Reads an RFC 3339 date and time with any offset; digits beyond milliseconds are cut off.
    ///
    /// nil when the text is not RFC 3339 or names a date that does not exist.
    package init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count else { return nil }
            return bytes[range].reduce(0 as Int?) { value, byte in
                guard let value, 0x30...0x39 ~= byte else { return nil }
                return value * 10 + Int(byte - 0x30)
            }
        }
        func isByte(_ position: Int, _ choices: StaticString) -> Bool {
            position < bytes.count
                && (0..<choices.utf8CodeUnitCount).contains { choices.utf8Start[$0] == bytes[position] }
        }
        guard let year = number(0..<4), isByte(4, "-"), let month = number(5..<7), 1...12 ~= month,
            isByte(7, "-"),
            let day = number(8..<10), 1...31 ~= day, isByte(10, "Tt "), let hour = number(11..<13), hour < 24,
            isByte(13, ":"), let minute = number(14..<16), minute < 60, isByte(16, ":"),
            let second = number(17..<19), second <= 60
        else { return nil }
        var position = 19
        var fraction = 0
        if isByte(position, ".") {
            let digits = bytes[(position + 1)...].prefix { 0x30...0x39 ~= $0 }
            guard !digits.isEmpty else { return nil }
            let three = (digits.map { Int($0 - 0x30) } + [0, 0]).prefix(3)
            fraction = three.reduce(0) { $0 * 10 + $1 }
            position += 1 + digits.count
        }
        var offset = 0
        if isByte(position, "Zz") {
            position += 1
        } else {
            guard isByte(position, "+-"), let hours = number(position + 1..<position + 3), hours < 24,
                isByte(position + 3, ":"), let minutes = number(position + 4..<position + 6), minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * (bytes[position] == UInt8(ascii: "-") ? -60 : 60)
            position += 6
        }
        guard position == bytes.count else { return nil }
        var parts = tm()
        parts.tm_year = Int32(year - 1900)
        parts.tm_mon = Int32(month - 1)
        parts.tm_mday = Int32(day)
        let midnight = timegm(&parts)
        // timegm moves a 31 April to 1 May instead of refusing it.
        guard parts.tm_mon == month - 1, parts.tm_mday == day else { return nil }
        let seconds = Int(midnight) + hour * 3600 + minute * 60 + second - offset
        self.init(milliseconds: Int64(seconds) * 1000 + Int64(fraction))
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero; at the bounds of `Int64` beyond them.
    package var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        return product + attoseconds / 1_000_000_000_000_000
    }
}
