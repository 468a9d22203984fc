import Foundation
import JSON
import TestSupport
import Testing

@testable import Expressions

/// Runs every file of the folder with CEL's conformance tests (its README explains the form).
@Suite struct CELConformanceTests {
    static let folder = ConformanceData.folder("cel")

    static var isPresent: Bool { FileManager.default.fileExists(atPath: folder.path) }

    /// Libraries that this implementation does not have.
    static let unsupported = ["ext:block", "ext:network"]

    @Test(.enabled(if: isPresent, "the folder with the conformance tests is not there"))
    func `every case of the conformance tests passes`() throws {
        let files = try FileManager.default.contentsOfDirectory(
            at: Self.folder, includingPropertiesForKeys: nil
        )
        .filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
        #expect(!files.isEmpty, "there is no conformance test in \(Self.folder.path)")
        var (passed, total) = (0, 0)
        for file in files {
            let document = try JSONValue(parsing: [UInt8](Data(contentsOf: file)))
            for test in document["tests"]?.array ?? [] where !Self.isUnsupported(test) {
                total += 1
                do {
                    try ConformanceCase(test).run()
                    passed += 1
                } catch {
                    let index = test["index"]?.int ?? -1
                    Issue.record(
                        "\(file.lastPathComponent) \(index): \(test["expr"]?.string ?? "") — \(error)")
                }
            }
        }
        #expect(total > 0, "the files hold no test")
        print("conformance: \(passed) of \(total) passed")
    }

    private static func isUnsupported(_ test: JSONValue) -> Bool {
        (test["needs"]?.array ?? []).contains { need in
            unsupported.contains { need.string?.hasPrefix($0) ?? false }
        }
    }
}
