import Foundation
import Glibc
package import JSON
import Synchronization

/// A receiver of webhooks on the loopback interface that keeps every request and answers as the test wants.
package final class StubReceiver: Sendable {
    /// A request as it came over the wire.
    package struct Request: Sendable {
        /// From 1, in the order of arrival.
        package fileprivate(set) var number = 0
        /// Method, path and version.
        package let line: String
        package let headers: [(name: String, value: String)]
        package let body: [UInt8]

        package var text: String { String(decoding: body, as: UTF8.self) }
        package var json: JSONValue { get throws { try JSONValue(parsing: body) } }
        package var path: String { line.split(separator: " ").dropFirst().first.map(String.init) ?? "" }
        package var deliveryID: String { self["X-Zentra-Delivery-Id"] ?? "" }

        package subscript(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    package struct Answer: Sendable {
        package var status = 200
        package var headers: [String] = []
        package var body = ""
        fileprivate var isNone = false

        /// The connection is closed without an answer.
        package static var none: Answer {
            var answer = Answer()
            answer.isNone = true
            return answer
        }

        package init(_ status: Int = 200, headers: [String] = [], body: String = "") {
            self.status = status
            self.headers = headers
            self.body = body
        }
    }

    private let received: Watched<[Request]>
    private let listener: LoopbackListener

    /// - Parameter answer: is told the request and how many with the same delivery id came before it.
    package init(_ answer: @escaping @Sendable (Request, Int) -> Answer = { _, _ in Answer() }) throws {
        let received = Watched<[Request]>([])
        self.received = received
        listener = try LoopbackListener { connection in
            var pending: [UInt8] = []
            while var request = Self.read(connection, &pending) {
                let earlier = received.change { requests in
                    request.number = requests.count + 1
                    requests.append(request)
                    return requests.count { $0.deliveryID == request.deliveryID } - 1
                }
                let answer = answer(request, earlier)
                guard !answer.isNone, Self.write(answer, to: connection) else { return }
            }
        }
    }

    package var port: Int { listener.port }
    package var url: String { "http://127.0.0.1:\(port)/hooks" }
    package var requests: [Request] { received.value }

    /// All requests, once they meet the condition.
    @discardableResult
    package func requests(until condition: @Sendable ([Request]) -> Bool) async throws -> [Request] {
        try await received.wait(until: condition)
    }

    /// All requests, once there are so many.
    @discardableResult
    package func requests(_ count: Int) async throws -> [Request] {
        try await received.wait { $0.count >= count }
    }

    private static func read(_ connection: Int32, _ pending: inout [UInt8]) -> Request? {
        let separator = Array("\r\n\r\n".utf8)
        var end: Int?
        while true {
            end = pending.indices.first { pending[$0...].starts(with: separator) }
            if end != nil { break }
            guard fill(&pending, from: connection) else { return nil }
        }
        guard let end else { return nil }
        let lines = String(decoding: pending[..<end], as: UTF8.self).split(separator: "\r\n")
        let headers = lines.dropFirst().map { line in
            let pair = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: String(pair[0]), value: pair.count > 1 ? String(pair[1].drop { $0 == " " }) : "")
        }
        let length = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
        let start = end + separator.count
        while pending.count < start + length {
            guard fill(&pending, from: connection) else { return nil }
        }
        defer { pending.removeSubrange(..<(start + length)) }
        return Request(
            line: lines.first.map(String.init) ?? "", headers: headers,
            body: Array(pending[start..<(start + length)]))
    }

    private static func fill(_ pending: inout [UInt8], from connection: Int32) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        let count = recv(connection, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        pending += buffer[..<count]
        return true
    }

    private static func write(_ answer: Answer, to connection: Int32) -> Bool {
        let lines = ["HTTP/1.1 \(answer.status) Answer", "Content-Length: \(answer.body.utf8.count)"]
        let text = (lines + answer.headers).joined(separator: "\r\n") + "\r\n\r\n" + answer.body
        let bytes = Array(text.utf8)
        return send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }
}
