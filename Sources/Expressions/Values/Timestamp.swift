/// A point in time with nanoseconds, from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z.
package struct Timestamp: Sendable, Hashable, Comparable {
    /// Seconds since 1970-01-01T00:00:00Z, rounded down.
    package let seconds: Int64
    /// 0 to 999,999,999, counted forward from `seconds`.
    package let nanoseconds: Int32

    static let range: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    /// nil outside of the range.
    package init?(seconds: Int64, nanoseconds: Int32 = 0) {
        guard Self.range.contains(seconds), 0..<1_000_000_000 ~= nanoseconds else { return nil }
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    private var total: Int128 { Int128(seconds) * Int128(CELDuration.second) + Int128(nanoseconds) }

    private init?(total: Int128) {
        let second = Int128(CELDuration.second)
        let (quotient, remainder) = total.quotientAndRemainder(dividingBy: second)
        let floor = remainder < 0 ? quotient - 1 : quotient
        guard let seconds = Int64(exactly: floor) else { return nil }
        self.init(seconds: seconds, nanoseconds: Int32(remainder < 0 ? remainder + second : remainder))
    }

    /// nil outside of the range.
    func adding(_ duration: CELDuration, negated: Bool = false) -> Timestamp? {
        let distance = Int128(duration.nanoseconds)
        return Timestamp(total: total + (negated ? -distance : distance))
    }

    /// The time from `other` to this; nil when no duration can hold it.
    func since(_ other: Timestamp) -> CELDuration? {
        Int64(exactly: total - other.total).map { CELDuration(nanoseconds: $0) }
    }
}
