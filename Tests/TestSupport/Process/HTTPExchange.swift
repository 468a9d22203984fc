import Foundation
import Glibc
package import JSON

/// One HTTP/1.1 request over a connection of its own, written byte by byte as the test wants it.
package enum HTTPExchange {
    package struct Answer: Sendable {
        package let status: Int
        /// Status line and headers as they came.
        package let head: String
        package let body: [UInt8]

        package var text: String { String(decoding: body, as: UTF8.self) }
        package var json: JSONValue { get throws { try JSONValue(parsing: body) } }
        /// The problem's explanation (RFC 9457).
        package var detail: String { (try? json["detail"]?.string) ?? "" }
    }

    /// How the length of a body is announced.
    package enum Framing: Sendable {
        case length
        case chunked
    }

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package static func get(_ path: String, port: Int, token: String? = nil) async throws -> Answer {
        try await send("GET", path, port: port, token: token)
    }

    package static func post(
        _ path: String, port: Int, token: String? = nil, body: String, framing: Framing = .length,
        type: String = "application/json", headers: [String: String] = [:]
    ) async throws -> Answer {
        try await send(
            "POST", path, port: port, token: token, body: body, framing: framing, type: type,
            headers: headers)
    }

    package static func patch(_ path: String, port: Int, token: String? = nil, body: String) async throws
        -> Answer
    {
        try await send("PATCH", path, port: port, token: token, body: body)
    }

    private static func send(
        _ method: String, _ path: String, port: Int, token: String?, body: String? = nil,
        framing: Framing = .length, type: String = "application/json", headers: [String: String] = [:]
    ) async throws -> Answer {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n"
        if let token { head += "Authorization: Bearer \(token)\r\n" }
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        var content = body ?? ""
        if body != nil {
            head += "Content-Type: \(type)\r\n"
            switch framing {
            case .length: head += "Content-Length: \(content.utf8.count)\r\n"
            case .chunked:
                head += "Transfer-Encoding: chunked\r\n"
                content = "\(String(content.utf8.count, radix: 16))\r\n\(content)\r\n0\r\n\r\n"
            }
        }
        return try await exchange(Array("\(head)\r\n\(content)".utf8), port: port)
    }

    /// Sends these bytes and reads until the server closes.
    package static func exchange(_ bytes: [UInt8], port: Int) async throws -> Answer {
        try answer(try await everything(after: bytes, port: port))
    }

    /// Sends these bytes, at once behind the connect, and returns what comes until the server closes; nothing, if nothing
    /// does.
    package static func everything(after bytes: [UInt8], port: Int) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try blockingExchange(bytes, port: port) })
            }
        }
    }

    private static func blockingExchange(_ bytes: [UInt8], port: Int) throws -> [UInt8] {
        guard let connection = LoopbackListener.connect(port: port) else {
            throw Failure(description: "cannot connect to port \(port)")
        }
        defer { close(connection) }
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            // A server that refuses a body may close before it has come; its answer is there all the same.
            guard count > 0 else { break }
            sent += count
        }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            received += buffer[..<count]
        }
        return received
    }

    private static func answer(_ bytes: [UInt8]) throws -> Answer {
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: Array("\r\n\r\n".utf8)) })
        else { throw Failure(description: "the connection ended without an answer") }
        let head = String(decoding: bytes[..<end], as: UTF8.self)
        let parts = head.split(separator: " ", maxSplits: 2)
        guard parts.count > 1, let status = Int(parts[1]) else {
            throw Failure(description: "not an HTTP answer: \(head)")
        }
        return Answer(status: status, head: head, body: Array(bytes[(end + 4)...]))
    }
}
