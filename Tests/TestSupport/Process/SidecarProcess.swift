import Foundation
import Glibc
import JSON

/// A running `zentra-sync run`; it is killed when the value goes.
package final class SidecarProcess: Sendable {
    package let log: ProcessLines
    private let process: TestProcess

    /// - Parameters:
    ///   - arguments: of `run`; both listeners take free ports unless they say otherwise.
    ///   - wrapper: a command that becomes the one that follows it.
    ///   - log: what reads standard error; nil: all of it.
    package init(
        _ arguments: [String], in folder: String, environment: [String: String] = [:], wrapper: [String] = [],
        log: ProcessLines? = nil
    ) throws {
        let log = try log ?? ProcessLines()
        defer { close(log.descriptor) }
        self.log = log
        var all = ["run"] + arguments
        for option in ["--listen", "--admin-listen"] where !arguments.contains(option) {
            all += [option, "127.0.0.1:0"]
        }
        process = try TestProcess(
            wrapper + ProductBinary.command(all, in: folder), environment: environment,
            errorsDescriptor: log.descriptor
        )
    }

    package var id: Int32 { process.id }

    /// The public listener's port, once it listens.
    package var port: Int { get async throws { try await port(of: "public") } }
    package var adminPort: Int { get async throws { try await port(of: "admin") } }

    /// The exit status; the negative signal when one ended the process.
    package var end: Int32 { get async { await process.end } }

    package func signal(_ number: Int32) { process.signal(number) }

    /// Ends the process as `kill -9` does.
    package func kill() async {
        process.signal(SIGKILL)
        _ = await process.end
    }

    /// Asks the process to end; returns its exit status.
    package func stop() async -> Int32 {
        process.signal(SIGTERM)
        return await process.end
    }

    deinit { process.signal(SIGKILL) }

    private func port(of listener: String) async throws -> Int {
        let line = try await log.line(with: "\"message\":\"listening\"", "\"listener\":\"\(listener)\"")
        guard let text = try JSONValue(parsing: line)["port"]?.string, let port = Int(text) else {
            throw HTTPExchange.Failure(description: "no port in \(line)")
        }
        return port
    }
}
