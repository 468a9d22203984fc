import Foundation

/// The program under test, run as its users run it.
package enum ProductBinary {
    /// Built beside the tests.
    package static let path = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appending(path: "zentra-sync").path

    /// The command line that runs it in a folder; `env` becomes the program, so the process is the same.
    ///
    /// - Parameter launcher: a command that becomes the program in its turn, such as `prlimit`.
    static func command(_ arguments: [String], in folder: String, launcher: [String] = []) -> [String] {
        ["env", "--chdir=\(folder)"] + launcher + [path] + arguments
    }

    /// How a command ended.
    package struct Result: Sendable, CustomStringConvertible {
        package let arguments: [String]
        package let status: Int32
        package let output: String
        package let errors: String

        package var description: String {
            "zentra-sync \(arguments.joined(separator: " ")) ended with \(status)\n\(output)\(errors)"
        }
    }

    /// Runs a command to its end.
    ///
    /// - Parameter environment: nothing else is inherited but a `PATH`.
    package static func run(
        _ arguments: [String], in folder: String, environment: [String: String] = [:], input: String = "",
        launcher: [String] = []
    ) async throws -> Result {
        let files = try TestFolder()
        let (output, errors) = (files.appending("output"), files.appending("errors"))
        let process = try TestProcess(
            command(arguments, in: folder, launcher: launcher), environment: environment,
            input: files.write(input, to: "input"),
            output: output, errors: errors)
        let status = await process.end
        return Result(
            arguments: arguments, status: status, output: try String(contentsOfFile: output, encoding: .utf8),
            errors: try String(contentsOfFile: errors, encoding: .utf8))
    }
}
