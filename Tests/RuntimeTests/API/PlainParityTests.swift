import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import TestSupport
import Testing

@testable import Runtime

/// Whatever is taken as plain, the general way reads in the same way.
struct PlainParityTests {
    private static let path = "/api/v1/events"

    /// What the general way makes of bytes: the only request in them; nil when it refuses them or waits for more.
    private func read(_ bytes: ByteBuffer) throws -> (head: HTTPRequest, body: String)? {
        let channel = EmbeddedChannel()
        let decoder = RequestDecoder()
        try channel.pipeline.syncOperations.addHandlers(
            HTTPResponseEncoder(), ByteToMessageHandler(decoder), RequestGuard(decoder),
            HTTP1ToHTTPServerCodec(secure: false))
        _ = try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try channel.writeInbound(bytes)
        var (head, body, isWhole): (HTTPRequest?, String, Bool) = (nil, "", false)
        while let part = try channel.readInbound(as: HTTPRequestPart.self) {
            switch part {
            case .head(let request): head = request
            case .body(let bytes): body += String(buffer: bytes)
            case .end: isWhole = true
            }
        }
        _ = try channel.finish(acceptAlreadyClosed: true)
        return isWhole ? head.map { ($0, body) } : nil
    }

    private static let names = [
        "Host", "host", "HOST", "Content-Length", "content-length", "Connection", "X-A", "Accept", "Expect",
        "Transfer-Encoding", "Upgrade", "Host ", "Ho st", "", "X_A", "Content-Type",
    ]
    private static let values = [
        "a", "127.0.0.1:80", "[::1]:80", "a b", "a:b", "", "2", " 2 ", "+2", "2, 2", "close", "Keep-Alive",
        "chunked", "100-continue", "h2c", "a\u{0}", "\t", "\u{e4}", "%41", "%4", "a/b", "u@a", "02", "1e0",
    ]

    private func request(_ random: inout SeededRandom) -> String {
        var fields = ["Host: a", "Content-Length: 2"]
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let name = Self.names.randomElement(using: &random) ?? ""
            let field = "\(name): \(Self.values.randomElement(using: &random) ?? "")"
            let place = Int.random(in: 0...fields.count, using: &random)
            // As often instead of another as beside it.
            if place < fields.count, Bool.random(using: &random) {
                fields[place] = field
            } else {
                fields.insert(field, at: place)
            }
        }
        let text = (["POST \(Self.path) HTTP/1.1"] + fields).joined(separator: "\r\n") + "\r\n\r\n{}"
        guard Int.random(in: 0..<4, using: &random) == 0 else { return text }
        var scalars = Array(text.unicodeScalars)
        let other: [Unicode.Scalar] = ["\r", "\n", " ", ":", "\u{0}", "a", "\u{7f}"]
        scalars[Int.random(in: 0..<scalars.count, using: &random)] =
            other.randomElement(using: &random) ?? " "
        return String(String.UnicodeScalarView(scalars))
    }

    @Test func `a request that is taken as plain is read in the same way by the general parser`() throws {
        var random = SeededRandom(seed: 20261127)
        var taken = 0
        for _ in 0..<5000 {
            let text = request(&random)
            let bytes = ByteBuffer(string: text)
            guard let plain = PlainRequest(bytes, path: Self.path, bodyLimit: 100) else { continue }
            taken += 1
            let general = try #require(try read(bytes), "\(text.debugDescription)")
            let head = plain.head.head.request
            var fields = general.head.headerFields
            fields[.contentLength] = nil
            #expect(general.head.method == head.method)
            #expect(general.head.path == head.path)
            #expect(general.head.authority == head.authority, "\(text.debugDescription)")
            #expect(fields == head.headerFields, "\(text.debugDescription)")
            #expect(general.body == String(buffer: plain.body))
        }
        // Or else nothing was compared.
        #expect(taken > 500)
    }

    @Test func `a request whose head is known is read as if it were not`() throws {
        var random = SeededRandom(seed: 20261128)
        var (recognised, others) = (0, 0)
        for _ in 0..<500 {
            let first = request(&random)
            guard let known = PlainRequest(ByteBuffer(string: first), path: Self.path, bodyLimit: 100)?.head
            else { continue }
            for length in ["2", "02", "3", "10", "100", "101", "", "+2", "1234567890"] {
                let body = String(repeating: "x", count: min(Int(length) ?? 2, 200))
                var text =
                    String(first.dropLast(2)).replacing("Length: 2\r", with: "Length: \(length)\r") + body
                if Bool.random(using: &random) {
                    var scalars = Array(text.unicodeScalars)
                    let other = try #require(Array("\r\n :a0Z".unicodeScalars).randomElement(using: &random))
                    scalars[Int.random(in: 0..<scalars.count, using: &random)] = other
                    text = String(String.UnicodeScalarView(scalars))
                }
                let bytes = ByteBuffer(string: text)
                let read = PlainRequest(bytes, path: Self.path, bodyLimit: 100)
                let found = PlainRequest(bytes, path: Self.path, bodyLimit: 100, known: known)
                let isSame = found?.head.head.request == read?.head.head.request && found?.body == read?.body
                #expect(isSame, "\(text.debugDescription)")
                if let found { if found.head === known { recognised += 1 } else { others += 1 } }
            }
        }
        // Or else nothing was compared.
        #expect(recognised > 200)
        #expect(others > 5)
    }

    /// However the bytes come: TLS, for example, hands on many at once.
    @Test(arguments: [1000, 70_000, 200_000])
    func `a target that is too long is told from a header that is, in pieces of any size`(_ size: Int) throws
    {
        let long = String(repeating: "a", count: RequestDecoder.maximumHead + 10)
        for (text, problem) in [
            ("GET /\(long) HTTP/1.1\r\nHost: a\r\n\r\n", Problem.targetTooLong),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: \(long)\r\n\r\n", .headersTooLarge),
            ("GET / HTTP/1.1\r\nHost: a\r\n\(long): x\r\n\r\n", .headersTooLarge),
        ] {
            let channel = EmbeddedChannel(handler: ByteToMessageHandler(RequestDecoder()))
            var bytes = ByteBuffer(string: text)
            let refused = #expect(throws: RefusedBytes.self) {
                while bytes.readableBytes > 0 {
                    try channel.writeInbound(bytes.readSlice(length: min(size, bytes.readableBytes)))
                }
            }
            #expect(refused?.problem == problem)
            // The error was looked at.
            _ = try? channel.finish(acceptAlreadyClosed: true)
        }
    }
}
