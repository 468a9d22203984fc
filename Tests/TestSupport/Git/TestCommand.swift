import Foundation

/// Runs a program of the machine for a test, without blocking the threads that tests share.
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
        _ command: [String], input: String = "", environment: [String: String] = [:]
    ) async throws -> String {
        let files = try TestFolder()
        let (output, errors) = (files.appending("output"), files.appending("errors"))
        let process = try TestProcess(
            command, environment: environment, input: files.write(input, to: "input"), output: output,
            errors: errors)
        let status = await process.end
        guard status == 0 else {
            let text = try String(contentsOfFile: errors, encoding: .utf8)
            throw Failure(command: command, status: status, errors: text)
        }
        let text = try String(contentsOfFile: output, encoding: .utf8)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}
