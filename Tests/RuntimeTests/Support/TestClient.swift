import AsyncHTTPClient
import JSON
import NIOCore
import NIOHTTP1

/// An answer of the runtime.
struct TestAnswer: Sendable {
    let status: Int
    let headers: [(name: String, value: String)]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSONValue { get throws { try JSONValue(parsing: body) } }

    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

extension RuntimeHarness {
    /// Sends a request to the public listener.
    func send(
        _ method: String, _ path: String, token: String? = nil, headers: [String: String] = [:],
        body: [UInt8]? = nil
    ) async throws -> TestAnswer {
        try await send(method, path, token: token, headers: headers, body: body, to: port)
    }

    /// Sends a request to the admin listener.
    func sendAdmin(
        _ method: String, _ path: String, headers: [String: String] = [:]
    ) async throws -> TestAnswer {
        try await send(method, path, token: nil, headers: headers, body: nil, to: adminPort)
    }

    private func send(
        _ method: String, _ path: String, token: String?, headers: [String: String], body: [UInt8]?,
        to port: Int
    ) async throws -> TestAnswer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = .init(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let bytes = try await response.body.collect(upTo: 64 << 20)
        return TestAnswer(
            status: Int(response.status.code), headers: response.headers.map { ($0.name, $0.value) },
            body: Array(bytes.readableBytesView))
    }

    /// Sends JSON text.
    func send(
        _ method: String, _ path: String, token: String? = nil, headers: [String: String] = [:], json: String
    ) async throws -> TestAnswer {
        let type = ["Content-Type": "application/json"]
        return try await send(
            method, path, token: token, headers: type.merging(headers) { $1 }, body: Array(json.utf8))
    }
}
