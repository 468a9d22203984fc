import Foundation
import Testing

/// Compares a text with a golden file; `UPDATE_GOLDEN=1` writes the file instead.
func expectGolden(_ text: String, _ name: String, source: String = #filePath) throws {
    let file = URL(filePath: source).deletingLastPathComponent().appending(path: "Golden/\(name)")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
        try Data(text.utf8).write(to: file)
    }
    #expect(text == (try String(contentsOf: file, encoding: .utf8)), "\(name)")
}
