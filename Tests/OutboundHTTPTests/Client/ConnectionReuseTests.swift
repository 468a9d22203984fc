import NIOCore
import OutboundHTTP
import Testing

@Suite(.timeLimit(.minutes(5))) struct ConnectionReuseTests {
    private static let ok = ScriptedServer.Step.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    @Test func `a connection is kept and used again`() async throws {
        try await ScriptedServer.with(.always(Self.ok)) { server in
            try await withClient(group: singleLoop()) { client in
                let first = try await client.post("http://127.0.0.1:\(server.port)/").response
                let second = try await client.post("http://127.0.0.1:\(server.port)/").response
                #expect(first?.isConnectionReused == false)
                #expect(first?.timing.connect != nil)
                #expect(second?.isConnectionReused == true)
                #expect(second?.timing.connect == nil)
                #expect(second?.timing.firstByte != nil)
            }
            #expect(server.record.connections == 1)
        }
    }

    @Test(arguments: [
        ScriptedServer.Step.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
        .send("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"),
        .send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 500 poison\r\nContent-Length: 0\r\n\r\n"),
        .send("HTTP/1.1 204 No Content\r\n\r\nbody"),
        .send("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 0\r\n\r\n"),
    ])
    func `a connection is not used again when the answer says or shows so`(_ step: ScriptedServer.Step)
        async throws
    {
        try await ScriptedServer.with(.always(step)) { server in
            try await withClient(group: singleLoop()) { client in
                for _ in 0..<2 {
                    let response = try await client.post("http://127.0.0.1:\(server.port)/").response
                    #expect(response.map { $0.status < 300 } == true)
                    #expect(response?.isConnectionReused == false)
                }
            }
            #expect(server.record.connections == 2)
        }
    }

    @Test func `names on one address share its connections without TLS`() async throws {
        try await ScriptedServer.with(.always(Self.ok)) { server in
            try await withClient(group: singleLoop()) { client in
                _ = try await client.post("http://a.test:\(server.port)/")
                #expect(
                    try await client.post("http://b.test:\(server.port)/").response?.isConnectionReused
                        == true)
            }
        }
    }

    @Test(arguments: [HTTPMethod.get, .put, .delete])
    func `an idempotent request is repeated when a reused connection ends without an answer`(
        _ method: HTTPMethod
    ) async throws {
        try await ScriptedServer.with(.dyingAtSecondRequest(.close)) { server in
            try await withClient(group: singleLoop()) { client in
                _ = try await client.post("http://127.0.0.1:\(server.port)/")
                let second = try await client.post("http://127.0.0.1:\(server.port)/", method: method)
                #expect(second.response?.status == 200, "\(second)")
                #expect(second.response?.isConnectionReused == false)
            }
            #expect(server.record.requests.map(\.connection) == [0, 0, 1])
        }
    }

    @Test func `a POST that may have been processed is not repeated`() async throws {
        try await ScriptedServer.with(.dyingAtSecondRequest(.close)) { server in
            try await withClient(group: singleLoop()) { client in
                _ = try await client.post("http://127.0.0.1:\(server.port)/")
                let second = try await client.post("http://127.0.0.1:\(server.port)/")
                #expect(second.failure?.class == .reset)
            }
            #expect(server.record.requests.count == 2)
        }
    }

    @Test func `a POST whose receiver recognises repetitions is repeated`() async throws {
        try await ScriptedServer.with(.dyingAtSecondRequest(.reset)) { server in
            try await withClient(group: singleLoop()) { client in
                _ = try await client.post("http://127.0.0.1:\(server.port)/")
                let second = try await client.post("http://127.0.0.1:\(server.port)/", isRepeatable: true)
                #expect(second.response?.status == 200, "\(second)")
            }
        }
    }

    @Test func `a request is repeated once only, and never after the first connection`() async throws {
        let script = ScriptedServer.Script(onRequest: { connection, request, _ in
            connection == 0 && request == 0 ? [Self.ok] : [.close]
        })
        try await ScriptedServer.with(script) { server in
            try await withClient(group: singleLoop()) { client in
                _ = try await client.post("http://127.0.0.1:\(server.port)/")
                let second = try await client.post("http://127.0.0.1:\(server.port)/", isRepeatable: true)
                #expect(second.failure?.class == .reset)
                #expect(server.record.requests.count == 3)
                let third = try await client.post("http://127.0.0.1:\(server.port)/", isRepeatable: true)
                #expect(third.failure?.class == .reset)
                #expect(server.record.requests.count == 4)
            }
        }
    }

    @Test func `a large body is answered before it was sent`() async throws {
        let script = ScriptedServer.Script(onAccept: [
            .send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"), .stopReading,
        ])
        try await ScriptedServer.with(script) { server in
            try await withClient { client in
                let body = String(repeating: "x", count: 32 << 20)
                let outcome = try await client.post("http://127.0.0.1:\(server.port)/", body: body)
                #expect(outcome.response?.status == 413)
            }
        }
    }

    @Test func `a large body arrives whole`() async throws {
        try await ScriptedServer.with(.always(Self.ok)) { server in
            try await withClient { client in
                let outcome = try await client.post(
                    "http://127.0.0.1:\(server.port)/", body: String(repeating: "x", count: 100_000))
                #expect(outcome.response?.status == 200)
            }
            #expect(
                server.record.requests.first?.text.hasSuffix(String(repeating: "x", count: 100_000)) == true)
        }
    }

    @Test func `an unused connection is closed after its time`() async throws {
        let signal = Signal()
        let script = ScriptedServer.Script(onClose: { signal.raise() }, onRequest: { _, _, _ in [Self.ok] })
        var limits = ClientLimits.patient
        limits.idleTimeout = .milliseconds(10)
        try await ScriptedServer.with(script) { server in
            try await withClient(limits: limits) { client in
                _ = try await client.post("http://127.0.0.1:\(server.port)/")
                await signal.wait()
            }
        }
    }

    @Test func `idle connections give way when there are too many`() async throws {
        var limits = ClientLimits.patient
        limits.maxOpenConnections = 1
        try await ScriptedServer.with(.always(Self.ok)) { first in
            try await ScriptedServer.with(.always(Self.ok)) { second in
                try await withClient(limits: limits, group: singleLoop()) { client in
                    for server in [first, second, first] {
                        let outcome = try await client.post("http://127.0.0.1:\(server.port)/")
                        #expect(outcome.response?.isConnectionReused == false)
                    }
                }
            }
        }
    }

    @Test func `requests beyond the limit of connections wait for their turn`() async throws {
        var limits = ClientLimits.patient
        limits.maxConnectionsPerTarget = 2
        try await ScriptedServer.with(.always(Self.ok)) { server in
            try await withClient(limits: limits, group: singleLoop()) { client in
                let statuses = try await withThrowingTaskGroup { group in
                    for _ in 0..<50 {
                        group.addTask {
                            try await client.post("http://127.0.0.1:\(server.port)/").response?.status
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(statuses == Array(repeating: 200, count: 50))
            }
            #expect(server.record.connections <= 2)
        }
    }

    @Test func `more waiting requests than allowed fail at once`() async throws {
        var limits = ClientLimits.patient
        limits.maxConnectionsPerTarget = 1
        limits.maxWaitingPerTarget = 1
        try await ScriptedServer.with(ScriptedServer.Script()) { server in
            try await withClient(limits: limits, group: singleLoop()) { client in
                let failures = try await withThrowingTaskGroup { group in
                    for _ in 0..<4 {
                        group.addTask {
                            try await client.post(
                                "http://127.0.0.1:\(server.port)/", timeout: .milliseconds(500)
                            ).failure?.class
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(Set(failures) == [.timeout, .connect])
            }
        }
    }
}

extension ScriptedServer.Script {
    /// The first connection answers one request and ends at the second; the others answer.
    fileprivate static func dyingAtSecondRequest(_ end: ScriptedServer.Step) -> Self {
        Self(onRequest: { connection, request, _ in
            connection == 0 && request == 1
                ? [end] : [.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")]
        })
    }
}
