import NIOCore
import TestSupport
import Testing

@testable import OutboundHTTP

/// The parser alone: the table of odd receivers covers what it accepts, these tests how it gets its bytes.
struct ResponseParserTests {
    private static let answers = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:  b \r\n\r\nhello",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nLink: a\r\n\r\nHTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5;x=y\r\nhello\r\n0A\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n",
        "HTTP/1.0 404 Not Found\nX-A: 1\n 2\n\tthree\n\nbody until the end",
        "HTTP/1.1 204\r\n\r\n",
    ]

    @Test(arguments: answers)
    func `reads the same whatever the pieces`(_ answer: String) {
        let whole = Self.read([answer])
        #expect(whole.violation == nil)
        #expect(Self.read(answer.map(String.init)) == whole)
        for split in answer.indices {
            #expect(Self.read([String(answer[..<split]), String(answer[split...])]) == whole)
        }
    }

    @Test func `joins folded fields`() {
        #expect(Self.read([Self.answers[2]]).fields == ["X-A: 1 2 three"])
    }

    @Test func `survives any change of a byte`() {
        var generator = SeededRandom(seed: 4)
        for answer in Self.answers {
            for _ in 0..<2_000 {
                var bytes = Array(answer.utf8)
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    let index = bytes.indices.randomElement(using: &generator) ?? 0
                    bytes[index] = UInt8.random(in: 0...255, using: &generator)
                }
                let text = Array(bytes)
                let cut = Int.random(in: 0...text.count, using: &generator)
                let whole = Self.read(bytes: [text])
                let pieces = Self.read(bytes: [Array(text[..<cut]), Array(text[cut...])])
                #expect(whole == pieces, "\(String(decoding: text, as: UTF8.self).debugDescription)")
            }
        }
    }

    @Test func `bounds the head of all informational answers together`() {
        let interim = "HTTP/1.1 100 Continue\r\n\r\n"
        #expect(Self.read([String(repeating: interim, count: 40)]).violation == nil)
        #expect(Self.read([String(repeating: interim, count: 42)]).violation == .headTooLarge)
    }

    @Test func `bounds the number of fields`() {
        let head = { (count: Int) in
            "HTTP/1.1 200 OK\r\n" + String(repeating: "a:\r\n", count: count) + "\r\n"
        }
        #expect(Self.read([head(10)]).violation == nil)
        #expect(Self.read([head(11)]).violation == .tooManyFields)
    }

    @Test func `announces how long the receiver keeps a connection`() {
        var parser = Self.makeParser()
        var buffer = ByteBuffer(
            string: "HTTP/1.1 200 OK\r\nKeep-Alive: max=5, timeout=17\r\nContent-Length: 0\r\n\r\n")
        _ = parser.next(from: &buffer)
        #expect(parser.keepAliveSeconds == 17)
        #expect(parser.keepsAlive)
    }

    /// All that a parser tells of an answer.
    private struct Reading: Equatable {
        var status = 0
        var fields: [String] = []
        var body: [UInt8] = []
        var hasEnded = false
        var violation: ProtocolViolation?
    }

    private static func makeParser() -> ResponseParser {
        var parser = ResponseParser(maxHeadBytes: 1024, maxHeadFields: 10)
        parser.begin(method: .post)
        return parser
    }

    private static func read(_ pieces: [String]) -> Reading { read(bytes: pieces.map { Array($0.utf8) }) }

    private static func read(bytes pieces: [[UInt8]]) -> Reading {
        var parser = makeParser()
        var reading = Reading()
        var buffer = ByteBuffer()
        for piece in pieces where reading.violation == nil && !reading.hasEnded {
            buffer.writeBytes(piece)
            drain(&parser, &buffer, &reading)
        }
        return reading
    }

    private static func drain(
        _ parser: inout ResponseParser, _ buffer: inout ByteBuffer, _ reading: inout Reading
    ) {
        while true {
            switch parser.next(from: &buffer) {
            case .needMore: return
            case .head:
                reading.status = parser.status
                reading.fields = parser.headers.map { "\($0.name): \($0.value)" }
            case .body(let slice): reading.body += Array(slice.readableBytesView)
            case .end: return reading.hasEnded = true
            case .violation(let violation): return reading.violation = violation
            }
        }
    }
}
