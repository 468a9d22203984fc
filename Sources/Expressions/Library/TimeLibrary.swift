/// The accessors of timestamps and durations.
enum TimeLibrary {
    private static let fields: [(name: String, value: @Sendable (CivilTime, Timestamp) -> Int)] = [
        ("getFullYear", { civil, _ in civil.year }),
        ("getMonth", { civil, _ in civil.month - 1 }),
        ("getDayOfYear", { civil, _ in civil.dayOfYear }),
        ("getDayOfMonth", { civil, _ in civil.day - 1 }),
        ("getDate", { civil, _ in civil.day }),
        ("getDayOfWeek", { civil, _ in civil.weekday }),
        ("getHours", { civil, _ in civil.hour }),
        ("getMinutes", { civil, _ in civil.minute }),
        ("getSeconds", { civil, _ in civil.second }),
        ("getMilliseconds", { _, time in Int(time.nanoseconds) / 1_000_000 }),
    ]

    static let functions: [Function] = fields.map(inUTC) + fields.map(inZone) + spans.map(ofSpan)

    private static func inUTC(_ field: (name: String, value: @Sendable (CivilTime, Timestamp) -> Int))
        -> Function
    {
        Function("<timestamp>.\(field.name)() -> int") { (time, _) throws(EvaluationError) in
            guard case .timestamp(let time) = time else { throw .noSuchOverload(field.name, [time]) }
            return .int(Int64(field.value(CivilTime(seconds: time.seconds), time)))
        }
    }

    private static func inZone(_ field: (name: String, value: @Sendable (CivilTime, Timestamp) -> Int))
        -> Function
    {
        Function("<timestamp>.\(field.name)(string) -> int") { (time, zone, _) throws(EvaluationError) in
            guard case .timestamp(let time) = time, case .string(let zone) = zone else {
                throw .noSuchOverload(field.name, [time, zone])
            }
            guard let offset = TimeZoneOffset.seconds(zone, at: time) else {
                throw .invalidArgument("there is no time zone `\(zone)`")
            }
            return .int(Int64(field.value(CivilTime(seconds: time.seconds + Int64(offset)), time)))
        }
    }

    /// Whole units of the entire span, but for milliseconds, which are those of its last second.
    private static let spans: [(name: String, value: @Sendable (Int64) -> Int64)] = [
        ("getHours", { $0 / (3600 * CELDuration.second) }),
        ("getMinutes", { $0 / (60 * CELDuration.second) }),
        ("getSeconds", { $0 / CELDuration.second }),
        ("getMilliseconds", { $0 % CELDuration.second / 1_000_000 }),
    ]

    private static func ofSpan(_ field: (name: String, value: @Sendable (Int64) -> Int64)) -> Function {
        Function("<duration>.\(field.name)() -> int") { (duration, _) throws(EvaluationError) in
            guard case .duration(let duration) = duration else {
                throw .noSuchOverload(field.name, [duration])
            }
            return .int(field.value(duration.nanoseconds))
        }
    }
}
