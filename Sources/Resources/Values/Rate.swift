/// A number of events for each second, minute or hour, written `100/s`, `90/m`, `10/h`.
package struct Rate: Sendable, Hashable, CustomStringConvertible {
    package enum Period: String, Sendable, CaseIterable {
        case second = "s"
        case minute = "m"
        case hour = "h"

        package var duration: Duration {
            switch self {
            case .second: .seconds(1)
            case .minute: .seconds(60)
            case .hour: .seconds(3_600)
            }
        }
    }

    package let count: Int
    package let period: Period

    /// At most this many for each period, so that sums of them cannot overflow.
    private static let largest = 1_000_000_000

    /// Kept in the shortest period that has a whole count: `600/m` is the rate `10/s`.
    package init(count: Int, per period: Period) {
        var (count, period) = (count, period)
        if period == .hour, count % 60 == 0 { (count, period) = (count / 60, .minute) }
        if period == .minute, count % 60 == 0 { (count, period) = (count / 60, .second) }
        (self.count, self.period) = (count, period)
    }

    /// nil when the text is not `<whole number above zero>/<s|m|h>`.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int(parts[0]),
            (1...Self.largest).contains(count), let period = Period(rawValue: String(parts[1]))
        else { return nil }
        self.init(count: count, per: period)
    }

    package var description: String { "\(count)/\(period.rawValue)" }
    package var perSecond: Double { Double(count) / Double(period.duration.components.seconds) }
}
