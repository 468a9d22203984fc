import Foundation
import Glibc
import TestSupport

/// Requests on one connection, each piece sent when everything before it is answered.
enum Conversation {
    struct Answer {
        let status: String
        let body: String
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameter closesEarly: whether the client ends its side behind the last piece, before the answer.
    static func hold(_ pieces: [String], port: Int, closesEarly: Bool = false) async throws -> [Answer] {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try blockingHold(pieces, port: port, closesEarly) })
            }
        }
    }

    private static func blockingHold(_ pieces: [String], port: Int, _ closesEarly: Bool) throws -> [Answer] {
        guard let connection = LoopbackListener.connect(port: port) else {
            throw Failure(description: "cannot connect to port \(port)")
        }
        defer { close(connection) }
        var answers: [Answer] = []
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        for (index, piece) in pieces.enumerated() {
            let bytes = Array(piece.utf8)
            guard send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
                throw Failure(description: "the connection ended after \(answers.count) answers")
            }
            if closesEarly, index == pieces.count - 1 { shutdown(connection, Int32(SHUT_WR)) }
            var wanted = piece.matches(of: /HTTP\/1\.1\r\n/).count
            while wanted > 0 {
                if let answer = takeAnswer(from: &received) {
                    answers.append(answer)
                    wanted -= 1
                    continue
                }
                let count = recv(connection, &buffer, buffer.count, 0)
                guard count > 0 else {
                    throw Failure(
                        description: "the connection ended after \(answers.count) answers")
                }
                received += buffer[..<count]
            }
        }
        return answers
    }

    private static func takeAnswer(from bytes: inout [UInt8]) -> Answer? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n"),
            let length = text[..<end.lowerBound].lowercased().firstMatch(of: /content-length: (\d+)/)
                .flatMap({ Int($0.1) })
        else { return nil }
        let head = text[..<end.lowerBound]
        let start = text.utf8.distance(from: text.startIndex, to: end.upperBound)
        guard bytes.count >= start + length else { return nil }
        let body = String(decoding: bytes[start..<start + length], as: UTF8.self)
        bytes.removeFirst(start + length)
        return Answer(status: String(head.split(separator: " ")[1]), body: body)
    }
}
