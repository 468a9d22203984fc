import Foundation

/// Runs a program of the machine for a test.
package enum TestCommand {
    package struct Failure: Error, CustomStringConvertible {
        package let command: [String]
        package let status: Int32
        package let errors: String

        package var description: String {
            "\(command.joined(separator: " ")) ended with \(status): \(errors)"
        }
    }

    /// Where a program is; nil when it is not installed.
    package static func path(of name: String) -> String? {
        ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/lib/git-core"]
            .map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Standard output as text, without the last line end.
    @discardableResult
    package static func run(
        _ command: [String], in folder: String? = nil, input: String = "", environment: [String: String] = [:]
    ) async throws -> String {
        let files = try TestFolder()
        let (process, output, errors) = (Process(), files.appending("output"), files.appending("errors"))
        process.executableURL = URL(filePath: path(of: command[0]) ?? command[0])
        process.arguments = Array(command.dropFirst())
        process.environment = ["PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C"]
            .merging(environment) { $1 }
        if let folder { process.currentDirectoryURL = URL(filePath: folder) }
        process.standardInput = try FileHandle(forReadingFrom: URL(filePath: files.write(input, to: "input")))
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: files.write("", to: "output")))
        process.standardError = try FileHandle(forWritingTo: URL(filePath: files.write("", to: "errors")))
        try await process.runUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(
                command: command, status: process.terminationStatus,
                errors: try String(contentsOfFile: errors, encoding: .utf8))
        }
        let text = try String(contentsOfFile: output, encoding: .utf8)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}

extension Process {
    fileprivate func runUntilExit() async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            terminationHandler = { _ in continuation.resume() }
            do { try run() } catch {
                terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
    }
}
