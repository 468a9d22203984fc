// The one place that needs all of Foundation: the rules of the world's time zones.
import Foundation

/// How far a time zone is from UTC.
enum TimeZoneOffset {
    /// Seconds east of UTC at a moment, for `UTC`, an offset such as `-02:30`, or a name of the IANA database;
    /// nil for a zone that there is not.
    static func seconds(_ zone: String, at moment: Timestamp) -> Int? {
        if zone == "UTC" || zone == "Z" || zone.isEmpty { return 0 }
        var reader = DateReader(zone)
        if let offset = reader.numericOffset(signRequired: false), reader.atEnd { return offset }
        return TimeZone(identifier: zone)?.secondsFromGMT(
            for: Date(timeIntervalSince1970: Double(moment.seconds)))
    }
}
