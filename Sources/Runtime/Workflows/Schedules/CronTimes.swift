import Foundation
import Resources
import Store

/// The times of a schedule.
///
/// A local time that a clock change skips is the first instant after the change; one that it repeats is the first of the
/// two.
struct CronTimes: Sendable {
    private let cron: CronExpression
    private let zone: TimeZone
    private let hours: [Int]
    private let minutes: [Int]

    /// The days that are looked at: a 29 February may be eight years away (2096 to 2104).
    private static let horizon = 8 * 366 + 1

    /// nil for a zone that this machine does not know.
    init?(_ cron: CronExpression, timeZone: String) {
        guard let zone = TimeZone(identifier: timeZone) else { return nil }
        self.cron = cron
        self.zone = zone
        hours = cron.hours.sorted()
        minutes = cron.minutes.sorted()
    }

    /// The first time after `time`; nil when there is none within eight years.
    func next(after time: UnixTime) -> UnixTime? {
        let seconds = floorDivide(time.milliseconds, 1000)
        let firstDay = floorDivide(seconds + offset(at: seconds), 86_400)
        for day in firstDay...(firstDay + Int64(Self.horizon)) where isScheduled(day) {
            for hour in hours {
                for minute in minutes {
                    let instant = instant(ofLocal: day * 86_400 + Int64(hour * 3600 + minute * 60))
                    if instant * 1000 > time.milliseconds { return UnixTime(milliseconds: instant * 1000) }
                }
            }
        }
        return nil
    }

    /// The last time that is not after `time` and after `earliest`; nil when there is none.
    func last(upTo time: UnixTime, after earliest: UnixTime) -> UnixTime? {
        var found: UnixTime?
        var position = earliest
        while let next = next(after: position), next <= time {
            found = next
            position = next
        }
        return found
    }

    private func isScheduled(_ day: Int64) -> Bool {
        let date = CivilDate(daysSinceEpoch: day)
        // 1970-01-01 was a Thursday.
        let weekday = Int((day % 7 + 7 + 4) % 7)
        return cron.matches(month: date.month, dayOfMonth: date.day, dayOfWeek: weekday)
    }

    /// Seconds since the epoch of a local time, given as if it were UTC.
    private func instant(ofLocal local: Int64) -> Int64 {
        let (before, after) = (offset(at: local - 86_400), offset(at: local + 86_400))
        let fitting = [local - before, local - after].filter { $0 + offset(at: $0) == local }
        if let first = fitting.min() { return first }
        // Skipped: the change lies between what the two offsets make of it.
        var (low, high) = (local - max(before, after), local - min(before, after))
        let old = offset(at: low)
        while low + 1 < high {
            let middle = (low + high) / 2
            if offset(at: middle) == old { low = middle } else { high = middle }
        }
        return high
    }

    private func offset(at seconds: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(seconds))))
    }

    private func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }
}

/// A day of the Gregorian calendar.
private struct CivilDate {
    let month: Int
    let day: Int

    /// Howard Hinnant's `civil_from_days` (https://howardhinnant.github.io/date_algorithms.html).
    init(daysSinceEpoch days: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
        month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
    }
}
