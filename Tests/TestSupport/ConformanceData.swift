package import Foundation

/// What others have published for such tests, and is no part of this repository.
package enum ConformanceData {
    /// The folder that `ZENTRA_<NAME>_CONFORMANCE` names, or `shared/conformance/<name>` beside the package.
    package static func folder(_ name: String) -> URL {
        if let named = ProcessInfo.processInfo.environment["ZENTRA_\(name.uppercased())_CONFORMANCE"] {
            return URL(filePath: named, directoryHint: .isDirectory)
        }
        let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        return package.appending(path: "../shared/conformance/\(name)", directoryHint: .isDirectory)
            .standardizedFileURL
    }
}
