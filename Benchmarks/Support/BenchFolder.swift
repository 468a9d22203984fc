import Foundation

/// A folder on the disk of the build, because `/tmp` may be memory, where syncing costs nothing.
final class BenchFolder: Sendable {
    let path: String

    init() throws {
        path =
            FileManager.default.currentDirectoryPath
            + "/.build/bench-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func appending(_ name: String) -> String { "\(path)/\(name)" }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let file = URL(filePath: appending(name))
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file, options: .atomic)
        return file.path
    }

    // Nobody is left to tell when a temporary folder stays behind.
    deinit { try? FileManager.default.removeItem(atPath: path) }
}
