import TestSupport
import Testing

@testable import Runtime

struct IdleTimeoutTests {
    private static let event = #"{"event":"ticket.created","data":{}}"#
    private static let eventHead =
        "POST /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\n"
    /// What a client sends, and the beginnings of the answers that it gets.
    private static let conversations: [(sent: String, answers: [String])] = [
        ("", []), ("POST /api/v1/ev", []), ("GET /livez HTTP/1.1\r\nHost: x\r\n", []),
        ("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", ["HTTP/1.1 200 OK"]),
        (
            "\(eventHead)Content-Type: application/json\r\nContent-Length: \(event.utf8.count)\r\n\r\n\(event)",
            ["HTTP/1.1 202 Accepted"]
        ),
    ]

    private func setup(bodyTimeout: Duration = .seconds(30)) -> RuntimeHarness.Setup {
        var setup = RuntimeHarness.Setup()
        setup.idleTimeout = .seconds(1)
        setup.bodyTimeout = bodyTimeout
        return setup
    }

    /// The first lines of all answers, up to the end of the connection.
    private func answers(to sent: String, _ port: Int) async throws -> [String] {
        let received = try await HTTPExchange.everything(after: Array(sent.utf8), port: port)
        return String(decoding: received, as: UTF8.self).split(separator: "\r\n").map(String.init).filter {
            $0.hasPrefix("HTTP/1.1 ")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a connection on which nothing is asked ends, whatever has come before`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: ["api-token": token], setup: setup()) {
            (runtime) async throws in
            for (sent, expected) in Self.conversations {
                let answers = try await answers(to: sent, runtime.port)
                #expect(answers == expected, "\(sent)")
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a request that is under way keeps its connection`() async throws {
        let setup = setup(bodyTimeout: .seconds(1))
        try await RuntimeHarness.run(adminToken, secrets: ["api-token": token], setup: setup) {
            (runtime) async throws in
            let answers = try await answers(
                to: Self.eventHead + "Content-Length: 1000\r\n\r\n{", runtime.port)
            #expect(answers == ["HTTP/1.1 408 Request Timeout"])
        }
    }
}
