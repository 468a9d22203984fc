internal import Expressions
internal import Resources

/// A point in time in milliseconds since 1970-01-01T00:00:00Z; the engine has no clock, it is told.
package struct Moment: Sendable, Hashable, Comparable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (left: Moment, right: Moment) -> Bool { left.milliseconds < right.milliseconds }

    /// Stays within the bounds of `Int64`, however long the duration.
    package static func + (moment: Moment, duration: Duration) -> Moment {
        let (sum, overflow) = moment.milliseconds.addingReportingOverflow(duration.wholeMilliseconds)
        return Moment(milliseconds: overflow ? (duration < .zero ? .min : .max) : sum)
    }

    package static func - (left: Moment, right: Moment) -> Duration {
        .milliseconds(left.milliseconds - right.milliseconds)
    }
}

extension Moment: CustomStringConvertible {
    /// RFC 3339 in UTC.
    package var description: String { timestamp.description }

    /// As expressions see it; the bounds of what a timestamp can be stand for what is beyond them.
    var timestamp: Timestamp {
        let remainder = (milliseconds % 1000 + 1000) % 1000
        return Timestamp(
            seconds: (milliseconds - remainder) / 1000, nanoseconds: Int32(remainder) * 1_000_000)
            ?? Timestamp(seconds: milliseconds < 0 ? -62_135_596_800 : 253_402_300_799)!
    }

    /// Fractions of a millisecond round up: what is due at a time is not due before it.
    init(_ timestamp: Timestamp) {
        milliseconds = timestamp.seconds * 1000 + (Int64(timestamp.nanoseconds) + 999_999) / 1_000_000
    }
}
