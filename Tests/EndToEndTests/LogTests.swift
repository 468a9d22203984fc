import Glibc
import JSON
import Synchronization
import TestSupport
import Testing

@Suite("The log, and whoever reads it", .timeLimit(.minutes(5)))
struct LogTests {
    @Test func `a reader that does not read holds up neither deliveries nor the API`() async throws {
        let receiver = try StubReceiver()
        let world = try await Workspace(receiver)
        let gate = Gate()
        defer { gate.open() }
        let (sidecar, port) = try await world.readySidecar(log: try log { .until(gate) })
        let admin = try await sidecar.adminPort
        // More than a pipe holds, and than may wait.
        while try await missingLines(admin) == 0 { try await refusals(port) }
        for _ in 0..<5 { try await world.send(to: port) }
        try await receiver.requests(5)
        let missing = try await missingLines(admin)

        gate.open()
        let line = try await sidecar.log.line(with: "\"message\":\"lines of the log are missing here")
        let notice = try JSONValue(parsing: line)
        #expect(notice["level"]?.string == "warning")
        // A round of the sync loop may say something at any time.
        let said = (notice["lines"]?.string).flatMap { Int($0) } ?? 0
        #expect(said >= missing && said < missing + 100)
        #expect(try await missingLines(admin) == said)
        try await world.send(to: port)
        let count = sidecar.log.all.firstIndex(of: line) ?? 0
        try await sidecar.log.line(with: "\"message\":\"delivery attempt\"", from: count)
        #expect(await sidecar.stop() == 0)
        #expect(sidecar.log.all.last?.contains("\"message\":\"stopped\"") ?? false)
    }

    @Test func `a reader that does not read holds up the end for a moment only`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let gate = Gate()
        defer { gate.open() }
        let (sidecar, port) = try await world.readySidecar(log: try log { .until(gate) })
        for _ in 0..<5 { try await refusals(port) }
        // Nobody opens the gate before the process has ended.
        #expect(await sidecar.stop() == 0)
    }

    @Test func `a reader that goes away costs its lines, not the process`() async throws {
        let receiver = try StubReceiver()
        let world = try await Workspace(receiver)
        let (sidecar, port) = try await world.readySidecar(log: try log { .leaves })
        let admin = try await sidecar.adminPort
        try await world.send(to: port)
        try await receiver.requests(1)
        // Until then the line may have found the pipe still open.
        while try await missingLines(admin) == 0 { try await refusals(port) }
        #expect(await sidecar.stop() == 0)
    }

    @Test func `what ends the process stands behind everything that was logged before`() async throws {
        let world = try await Workspace(["base.yaml": Resources.base])
        let (first, port) = try await world.readySidecar()
        let second = try world.sidecar([
            "--state", world.folder.appending("other.db"), "--listen", "127.0.0.1:\(port)",
        ])
        #expect(await second.end == 1)
        let lines = try await lastLines(of: second.log)
        let place = try #require(lines.firstIndex { $0.hasPrefix("error: cannot listen on") })
        #expect(lines[..<place].allSatisfy { $0.hasPrefix("{") })
        #expect(lines[place...].allSatisfy { !$0.hasPrefix("{") })
        #expect(lines.last?.hasPrefix("hint: ") ?? false)
        #expect(await first.stop() == 0)
    }

    /// All lines of a process that has ended.
    private func lastLines(of log: ProcessLines) async throws -> [String] {
        await #expect(throws: ProcessLines.Ended.self) { try await log.line(with: "nothing has this") }
        return log.all
    }

    /// A log whose reader rests once it knows where the sidecar listens.
    private func log(_ rest: @escaping @Sendable () -> ProcessLines.Rest) throws -> ProcessLines {
        let listeners = Mutex(0)
        return try ProcessLines { line in
            let isLast = listeners.withLock { count in
                let isOne = ["listening", "configuration is live"].contains {
                    line.contains("\"message\":\"\($0)\"")
                }
                if isOne { count += 1 }
                return isOne && count == 3
            }
            return isLast ? rest() : nil
        }
    }

    /// Has requests refused whose lines are long.
    private func refusals(_ port: Int) async throws {
        let path = "/api/v1/events/" + String(repeating: "x", count: 7000)
        let request = "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        let requests = String(repeating: request + "\r\n", count: 49) + request + "Connection: close\r\n\r\n"
        #expect(try await HTTPExchange.exchange(Array(requests.utf8), port: port).status == 401)
    }

    private func missingLines(_ port: Int) async throws -> Int {
        let metrics = try await HTTPExchange.get("/metrics", port: port).text
        let sample = metrics.split(separator: "\n").first {
            $0.hasPrefix("zentra_sync_missing_log_lines_total ")
        }
        return try #require(sample?.split(separator: " ").last.flatMap { Int($0) })
    }
}
