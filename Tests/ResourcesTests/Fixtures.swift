import FoundationEssentials

/// Texts that are compared with files of `Tests/Fixtures/Resources`. With `ZENTRA_SYNC_UPDATE_GOLDEN` set, the files are written instead.
enum Fixtures {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/Resources")

    static func path(_ path: String) -> String { folder.appending(path: path).path(percentEncoded: false) }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: folder.appending(path: path), encoding: .utf8)
    }

    /// The text that the file should have; the given one when goldens are updated.
    static func golden(_ path: String, _ actual: String) throws -> String {
        guard ProcessInfo.processInfo.environment["ZENTRA_SYNC_UPDATE_GOLDEN"] != nil else {
            return try text(path)
        }
        try actual.write(to: folder.appending(path: path), atomically: true, encoding: .utf8)
        return actual
    }

    /// A page of the documentation.
    static func documentation(_ name: String) throws -> String {
        let root = folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/\(name)"), encoding: .utf8)
    }

    /// The names in a folder; none when it is not there.
    static func names(in path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: self.path(path))) ?? []).sorted()
    }
}
