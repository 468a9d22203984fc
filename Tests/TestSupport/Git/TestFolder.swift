import Foundation

/// A folder of its own for one test; it disappears with the value.
package final class TestFolder: Sendable {
    package let path: String

    package init() throws {
        let template = NSTemporaryDirectory() + "zentra-sync-test-XXXXXX"
        var bytes = Array(template.utf8CString)
        guard mkdtemp(&bytes) != nil else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        path = bytes.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    /// The path of something in the folder.
    package func appending(_ name: String) -> String { "\(path)/\(name)" }

    /// Whether something in the folder is there.
    package func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: appending(name)) }

    /// Writes a file, making the folders on the way.
    @discardableResult
    package func write(_ text: String, to name: String, mode: Int = 0o644) throws -> String {
        let file = URL(filePath: appending(name))
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
        return file.path
    }

    // Nobody is left to tell when a temporary folder stays behind.
    deinit { try? FileManager.default.removeItem(atPath: path) }
}
