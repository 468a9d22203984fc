/// The five fields of a cron schedule: minute, hour, day of month, month, day of week (0 and 7 are Sunday).
///
/// Fields are `*`, numbers, ranges, lists and steps (`*/5`, `1-5`, `1,15`, `10-20/2`); months and weekdays have English
/// names of three letters. When both days are restricted, either is enough, as in POSIX.
package struct CronExpression: Sendable, Hashable, CustomStringConvertible {
    package let text: String
    package let minutes: Set<Int>
    package let hours: Set<Int>
    package let daysOfMonth: Set<Int>
    package let months: Set<Int>
    /// 0 is Sunday.
    package let daysOfWeek: Set<Int>
    /// Whether the field begins with `*`, so that it does not restrict the day.
    package let anyDayOfMonth: Bool
    package let anyDayOfWeek: Bool

    package init?(_ text: String) {
        let fields = text.split { $0 == " " || $0 == "\t" }
        guard fields.count == 5, let minutes = Self.field(fields[0], 0...59),
            let hours = Self.field(fields[1], 0...23),
            let daysOfMonth = Self.field(fields[2], 1...31),
            let months = Self.field(fields[3], 1...12, names: Self.monthNames),
            let daysOfWeek = Self.field(fields[4], 0...7, names: Self.dayNames)
        else { return nil }
        self.text = fields.joined(separator: " ")
        self.minutes = minutes
        self.hours = hours
        self.daysOfMonth = daysOfMonth
        self.months = months
        self.daysOfWeek = Set(daysOfWeek.map { $0 % 7 })
        anyDayOfMonth = fields[2].hasPrefix("*")
        anyDayOfWeek = fields[4].hasPrefix("*")
        guard canHappen else { return nil }
    }

    package var description: String { text }

    /// Whether a day is one of the schedule's.
    package func matches(month: Int, dayOfMonth: Int, dayOfWeek: Int) -> Bool {
        guard months.contains(month) else { return false }
        let (byMonth, byWeek) = (daysOfMonth.contains(dayOfMonth), daysOfWeek.contains(dayOfWeek))
        return anyDayOfMonth || anyDayOfWeek ? byMonth && byWeek : byMonth || byWeek
    }

    /// False for days that no month of the schedule has, such as 30 February.
    private var canHappen: Bool {
        guard anyDayOfWeek, let first = daysOfMonth.min() else { return true }
        return months.contains { first <= [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][$0 - 1] }
    }

    private static let monthNames = [
        "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10,
        "nov": 11, "dec": 12,
    ]
    private static let dayNames = ["sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6]

    private static func field(_ text: Substring, _ range: ClosedRange<Int>, names: [String: Int] = [:])
        -> Set<Int>?
    {
        var values: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let part = Self.part(part, range, names) else { return nil }
            values.formUnion(part)
        }
        return values
    }

    private static func part(_ text: Substring, _ range: ClosedRange<Int>, _ names: [String: Int]) -> Set<
        Int
    >? {
        func number(_ text: Substring) -> Int? {
            if let named = names[text.lowercased()] { return named }
            guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            return Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
        let pieces = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(pieces.count) else { return nil }
        let bounds = pieces[0].split(separator: "-", omittingEmptySubsequences: false)
        let span: ClosedRange<Int>
        if pieces[0] == "*" {
            span = range
        } else if bounds.count == 2, let low = number(bounds[0]), let high = number(bounds[1]), low <= high {
            span = low...high
        } else if bounds.count == 1, let value = number(bounds[0]) {
            span = value...(pieces.count == 2 ? range.upperBound : value)
        } else {
            return nil
        }
        guard pieces.count == 2 else { return Set(span) }
        guard let step = Int(pieces[1]), step > 0 else { return nil }
        return Set(stride(from: span.lowerBound, through: span.upperBound, by: step))
    }
}
