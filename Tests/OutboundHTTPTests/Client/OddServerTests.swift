import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import OutboundHTTP
import Testing

/// The same receivers in front of this client and of async-http-client.
@Suite(.timeLimit(.minutes(5))) struct OddServerTests {
    private static let bodyLimit = 1024

    @Test(arguments: OddServer.all)
    func `a receiver gets what it deserves`(_ row: OddServer) async throws {
        try await ScriptedServer.with(.always(row.steps)) { server in
            let outcome = try await withClient { client in
                try await client.post(
                    "http://127.0.0.1:\(server.port)/", body: row.method == .head ? "" : "{}",
                    bodyLimit: Self.bodyLimit,
                    method: row.method)
            }
            #expect(Self.summary(outcome) == row.expected, "\(outcome)")
        }
    }

    @Test(arguments: OddServer.all)
    func `async-http-client agrees`(_ row: OddServer) async throws {
        if case .never = row.reference { return }
        try await ScriptedServer.with(.always(row.steps)) { server in
            let reference = await Self.reference(row, port: server.port)
            let agrees =
                switch row.expected {
                case .response: reference == row.expected
                case .truncated, .failure: reference == nil
                }
            switch row.reference {
            case .same: #expect(agrees, "\(String(describing: reference))")
            case .never: break
            case .differs: #expect(!agrees, "\(String(describing: reference))")
            }
        }
    }

    private static func summary(_ outcome: OutboundOutcome) -> OddServer.Expected {
        switch outcome {
        case .failure(let failure): return .failure(failure.class)
        case .response(let response):
            guard let truncation = response.truncation else {
                return .response(response.status, response.text)
            }
            return .truncated(response.status, response.text, truncation)
        }
    }

    /// What async-http-client makes of it; `nil` for an error.
    private static func reference(_ row: OddServer, port: Int) async -> OddServer.Expected? {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/")
        request.method = .init(rawValue: row.method.name)
        if row.method != .head { request.body = .bytes(ByteBuffer(string: "{}")) }
        do {
            let response = try await referenceClient.execute(request, timeout: .seconds(60))
            let body = try await response.body.collect(upTo: bodyLimit)
            return .response(Int(response.status.code), String(buffer: body))
        } catch {
            return nil
        }
    }

    private static let referenceClient: HTTPClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()
}
