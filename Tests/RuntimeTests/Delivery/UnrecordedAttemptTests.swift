import GRDB
import HTTPTypes
import JSON
import Synchronization
import TestSupport
import Testing

@testable import Runtime

@Suite(.timeLimit(.minutes(5))) struct UnrecordedAttemptTests {
    @Test func `an attempt that cannot be written is recorded later, and its request is not made again`()
        async throws
    {
        let (arrived, released) = (Signal<Int>(), Signal<Void>())
        let requests = Mutex(0)
        let answer: @Sendable (Int) async -> HTTPResponse.Status = { number in
            requests.withLock { $0 = number }
            arrived.send(number)
            guard number == 1 else { return .ok }
            _ = try? await released.next()
            return .ok
        }
        let log = RecordingLog()
        var setup = RuntimeHarness.Setup()
        setup.logger = log.logger
        try await StubReceiver.run(answer: answer) { [setup] receiver in
            let yaml = """
                ---
                kind: Subscription
                metadata: {name: erp}
                spec: {targetURL: "\(receiver.url)", events: [ticket.created], signing: {secretRef: api-token}}

                """
            try await RuntimeHarness.run(adminToken + yaml, secrets: ["api-token": token], setup: setup) {
                runtime in
                let event = #"{"event":"ticket.created","data":{"id":"tkt_1"}}"#
                let accepted = try await runtime.send("POST", "/api/v1/events", token: token, json: event)
                #expect(accepted.status == 202)
                #expect(try await arrived.next() == 1)
                // The disk is full, as far as attempts are concerned.
                var configuration = Configuration()
                // The sidecar may be writing.
                configuration.busyMode = .timeout(60)
                let other = try DatabaseQueue(
                    path: runtime.folder.appending("state.db"), configuration: configuration)
                try await other.write {
                    try $0.execute(
                        sql: """
                            CREATE TRIGGER full BEFORE INSERT ON attempt BEGIN
                                SELECT RAISE(ABORT, 'database or disk is full');
                            END
                            """)
                }
                released.send(())
                let message = "cannot record an attempt; trying again"
                while !log.lines.contains(where: { $0.message == message }) { await Task.yield() }
                #expect(try await Self.delivery(runtime)["status"]?.string == "pending")
                try await other.write { try $0.execute(sql: "DROP TRIGGER full") }
                try other.close()
                while try await Self.delivery(runtime)["status"]?.string == "pending" { await Task.yield() }
                let delivery = try await Self.delivery(runtime)
                #expect(delivery["status"]?.string == "delivered")
                #expect(delivery["attempts"]?.int == 1)
                #expect(requests.withLock(\.self) == 1)
            }
        }
    }

    private static func delivery(_ runtime: RuntimeHarness) async throws -> JSONValue {
        let page = try await runtime.send("GET", "/api/v1/deliveries", token: token).json
        return try #require(page["items"]?.array?.first)
    }
}
