import FoundationEssentials

/// The names of the world's time zones, as the machine knows them (`/usr/share/zoneinfo`, the package `tzdata`).
enum TimeZoneDatabase {
    private static let folder = "/usr/share/zoneinfo"

    static var isInstalled: Bool { FileManager.default.fileExists(atPath: folder) }

    /// Whether there is a zone of that name, in that spelling. `UTC` needs no database.
    static func contains(_ name: String) -> Bool {
        if name == "UTC" { return true }
        guard let start = FileManager.default.contents(atPath: "\(folder)/\(name)")?.prefix(4) else {
            return false
        }
        return start.elementsEqual("TZif".utf8)
    }

    /// What to write instead of a name that is not there.
    static func hint(for name: String) -> String? {
        guard isInstalled else { return "this machine knows no time zones but `UTC`: install `tzdata`" }
        return Suggestion.hint(for: name, in: names)
    }

    private static let areas = [
        "Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
    ]

    /// `Europe/Berlin` and the like; without the old names that have no place in them.
    private static var names: [String] {
        areas.flatMap { area in
            // A part of the world that cannot be read is not suggested; whether a name is right is not asked here.
            let places = (try? FileManager.default.subpathsOfDirectory(atPath: "\(folder)/\(area)")) ?? []
            return places.sorted().map { "\(area)/\($0)" }
        }
    }
}
