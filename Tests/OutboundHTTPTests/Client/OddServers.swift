import OutboundHTTP
import Testing

/// One line of the table of odd and hostile receivers: what it answers, and what must come of it.
struct OddServer: Sendable, CustomTestStringConvertible {
    enum Expected: Equatable, Sendable {
        /// The whole body.
        case response(Int, String)
        /// A head in time, a body that ends early.
        case truncated(Int, String, Truncation)
        case failure(OutboundFailure.Class)
    }

    /// How async-http-client treats the same answer.
    enum Reference: Sendable {
        case same
        /// The other way round, for the reason given.
        case differs(String)
        /// It never ends, for the reason given, so it is not tried.
        case never(String)
    }

    let name: String
    let steps: [ScriptedServer.Step]
    let expected: Expected
    let reference: Reference
    let method: HTTPMethod

    init(
        _ name: String, _ steps: ScriptedServer.Step..., is expected: Expected, reference: Reference = .same,
        method: HTTPMethod = .post
    ) {
        self.name = name
        self.steps = steps
        self.expected = expected
        self.reference = reference
        self.method = method
    }

    var testDescription: String { name }
}

extension OddServer {
    /// Odd, but HTTP/1.1.
    static let odd: [OddServer] = [
        OddServer(
            "length", .send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), is: .response(200, "hello")),
        OddServer("no reason", .send("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"), is: .response(200, "")),
        OddServer(
            "empty reason", .send("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"), is: .response(200, "")),
        OddServer(
            "high status", .send("HTTP/1.1 599 x\r\nContent-Length: 1\r\n\r\na"), is: .response(599, "a")),
        OddServer(
            "unknown status", .send("HTTP/1.1 799 x\r\nContent-Length: 1\r\n\r\na"), is: .response(799, "a")),
        OddServer(
            "redirect",
            .send("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"),
            is: .response(302, "")),
        OddServer(
            "chunks",
            .send(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n006\r\n world\r\n0\r\n\r\n"
            ),
            is: .response(200, "hello world")),
        OddServer(
            "chunks with extensions and trailers",
            .send(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\nA;a=b;c=\"d\"\r\n0123456789\r\n0;x\r\nX-T: 1\r\nX-U: 2\r\n\r\n"
            ),
            is: .response(200, "0123456789")),
        OddServer(
            "empty chunked", .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            is: .response(200, "")),
        OddServer("until close", .send("HTTP/1.1 200 OK\r\n\r\nhello"), .close, is: .response(200, "hello")),
        OddServer(
            "1.0 until close", .send("HTTP/1.0 200 OK\r\n\r\nhello"), .close, is: .response(200, "hello")),
        OddServer(
            "1.0 keep-alive",
            .send("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok"),
            is: .response(200, "ok")),
        OddServer(
            "connection close",
            .send("HTTP/1.1 200 OK\r\nConnection: foo, Close\r\nContent-Length: 2\r\n\r\nok"), .close,
            is: .response(200, "ok")),
        OddServer("no content", .send("HTTP/1.1 204 No Content\r\n\r\n"), is: .response(204, "")),
        OddServer(
            "not modified", .send("HTTP/1.1 304 x\r\nContent-Length: 10\r\n\r\n"), is: .response(304, "")),
        OddServer(
            "no content, chunked", .send("HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n"),
            is: .response(204, "")),
        OddServer(
            "head of something long", .send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"),
            is: .response(200, ""),
            method: .head),
        OddServer(
            "continue", .send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
            is: .response(200, "ok")),
        OddServer(
            "early hints", .send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
            .send("HTTP/1.1 102 x\r\n\r\n"),
            .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), is: .response(200, "ok")),
        OddServer(
            "folded field", .send("HTTP/1.1 200 OK\r\nX-A: 1\r\n  2\r\nContent-Length: 2\r\n\r\nok"),
            is: .response(200, "ok"), reference: .differs("it refuses folds")),
        OddServer(
            "blanks and bytes beyond ASCII in values",
            .sendBytes(
                Array("HTTP/1.1 200 OK\r\nX-A: \t1 \r\nX-B:\r\nX-C: ".utf8) + [0xff, 0xe9]
                    + Array("\r\nContent-Length:2\r\n\r\nok".utf8)), is: .response(200, "ok")),
        OddServer(
            "lines that end in LF", .send("HTTP/1.1 200 OK\nContent-Length: 2\n\nok"),
            is: .response(200, "ok"),
            reference: .differs("it insists on CR")),
        OddServer(
            "bytes behind the answer",
            .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n"),
            is: .response(200, "ok")),
        OddServer(
            "compressed although declined",
            .send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"),
            is: .response(200, "abcd")),
    ]

    /// Not HTTP/1.x.
    static let garbage: [OddServer] = [
        OddServer("garbage", .send("hello\r\n\r\n"), is: .failure(.protocol)),
        OddServer("SSH", .send("SSH-2.0-OpenSSH_9.2\r\n"), is: .failure(.protocol)),
        OddServer(
            "HTTP/2 settings", .sendBytes([0, 0, 0, 4, 0, 0, 0, 0, 0, 10, 10]), is: .failure(.protocol)),
        OddServer("HTTP/2", .send("HTTP/2 200\r\n\r\n"), .close, is: .failure(.protocol)),
        OddServer("HTTP/1.2", .send("HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n"), is: .failure(.protocol)),
        OddServer("HTTP/0.9", .send("<html>hello</html>\n"), .close, is: .failure(.protocol)),
        OddServer(
            "lower case", .send("http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), is: .failure(.protocol)),
        OddServer(
            "two spaces", .send("HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n"), is: .failure(.protocol)),
        OddServer(
            "short status", .send("HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"), is: .failure(.protocol)),
        OddServer(
            "long status", .send("HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"), is: .failure(.protocol)),
        OddServer("no status", .send("HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n"), is: .failure(.protocol)),
        OddServer(
            "switched protocols", .send("HTTP/1.1 101 x\r\nUpgrade: foo\r\nConnection: upgrade\r\n\r\n"),
            is: .failure(.protocol), reference: .differs("it reports the 101")),
    ]

    /// Heads that two readers could understand differently, or that never end.
    static let heads: [OddServer] = [
        OddServer("blank before colon", head("X-A : 1"), is: .failure(.protocol)),
        OddServer("no colon", head("X-A"), is: .failure(.protocol)),
        OddServer("no name", head(": a"), is: .failure(.protocol)),
        OddServer("NUL in a value", head("X-A: a\0b"), is: .failure(.protocol)),
        OddServer("CR in a value", head("X-A: a\rb"), is: .failure(.protocol)),
        OddServer("control character in a value", head("X-A: a\u{1}b"), is: .failure(.protocol)),
        OddServer(
            "first line folded", .send("HTTP/1.1 200 OK\r\n X-A: b\r\nContent-Length: 0\r\n\r\n"),
            is: .failure(.protocol)),
        OddServer(
            "length and chunked", head("Content-Length: 5\r\nTransfer-Encoding: chunked"),
            is: .failure(.protocol)),
        OddServer(
            "chunked and length", head("Transfer-Encoding: chunked\r\nContent-Length: 5"),
            is: .failure(.protocol)),
        OddServer("two lengths", head("Content-Length: 2\r\nContent-Length: 3"), is: .failure(.protocol)),
        OddServer(
            "the same length twice", head("Content-Length: 2\r\nContent-Length: 2"), is: .failure(.protocol)),
        OddServer("list of lengths", head("Content-Length: 2, 2"), is: .failure(.protocol)),
        OddServer("negative length", head("Content-Length: -1"), is: .failure(.protocol)),
        OddServer("signed length", head("Content-Length: +2"), is: .failure(.protocol)),
        OddServer("hexadecimal length", head("Content-Length: 0x2"), is: .failure(.protocol)),
        OddServer("no length in length", head("Content-Length: "), is: .failure(.protocol)),
        OddServer("endless length", head("Content-Length: 99999999999999999999"), is: .failure(.protocol)),
        OddServer("folded length", head("Content-Length: 2\r\n 3"), is: .failure(.protocol)),
        OddServer(
            "gzip in transfer", head("Transfer-Encoding: gzip, chunked"), .close, is: .failure(.protocol)),
        OddServer(
            "chunked twice", head("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), .close,
            is: .failure(.protocol)),
        OddServer(
            "identity", head("Transfer-Encoding: identity"), .close, is: .failure(.protocol),
            reference: .differs("it reads until the end")),
        OddServer(
            "chunked look-alike", head("Transfer-Encoding: xchunked"), .close, is: .failure(.protocol),
            reference: .differs("it reads until the end")),
        OddServer(
            "1.0 and chunked", .send("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            .close,
            is: .failure(.protocol), reference: .differs("it trusts the 1.0 receiver")),
        OddServer(
            "endless line", .send("HTTP/1.1 200 OK\r\nX-A: "),
            .sendForever(String(repeating: "a", count: 1000)), is: .failure(.protocol)),
        OddServer(
            "endless head", .send("HTTP/1.1 200 OK\r\n"),
            .sendForever(String(repeating: "X-A: b\r\n", count: 20)), is: .failure(.protocol)),
        OddServer(
            "endless informational answers", .sendForever("HTTP/1.1 100 Continue\r\n\r\n"),
            is: .failure(.protocol), reference: .never("it reads them for ever")),
    ]

    /// Bodies that break, or never end, behind a head that counts.
    static let bodies: [OddServer] = [
        OddServer(
            "closed early", .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"), .close,
            is: .truncated(200, "hello", .closed)),
        OddServer(
            "reset early", .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), .reset,
            is: .truncated(200, "", .closed)),
        OddServer(
            "chunks closed early", chunks("5\r\nhello\r\n"), .close, is: .truncated(200, "hello", .closed)),
        OddServer(
            "no last chunk's end", chunks("5\r\nhello\r\n0\r\n"), .close,
            is: .truncated(200, "hello", .closed)),
        OddServer("size is no number", chunks("zz\r\n"), is: .truncated(200, "", .malformed)),
        OddServer("size is missing", chunks("\r\nhello\r\n"), is: .truncated(200, "", .malformed)),
        OddServer("size is negative", chunks("-5\r\nhello\r\n"), is: .truncated(200, "", .malformed)),
        OddServer("size overflows", chunks("FFFFFFFFFFFFFFFFF\r\n"), is: .truncated(200, "", .malformed)),
        OddServer(
            "data without its end", chunks("5\r\nhelloX\r\n0\r\n\r\n"),
            is: .truncated(200, "hello", .malformed)),
        OddServer(
            "size that ends in LF", chunks("5\nhello\r\n0\r\n\r\n"), is: .truncated(200, "", .malformed)),
        OddServer(
            "endless extension", chunks("5;"), .sendForever(String(repeating: "a", count: 100)),
            is: .truncated(200, "", .malformed), reference: .never("it reads them for ever")),
        OddServer(
            "endless trailers", chunks("0\r\n"), .sendForever("X-A: b\r\n"),
            is: .truncated(200, "", .malformed)),
        OddServer(
            "endless body", .send("HTTP/1.1 200 OK\r\n\r\n"), .sendForever(String(repeating: "a", count: 64)),
            is: .truncated(200, String(repeating: "a", count: 1024), .limit)),
        OddServer(
            "endless chunks", chunks(""), .sendForever("10\r\n" + String(repeating: "a", count: 16) + "\r\n"),
            is: .truncated(200, String(repeating: "a", count: 1024), .limit)),
        OddServer(
            "long body",
            .send("HTTP/1.1 200 OK\r\nContent-Length: 1025\r\n\r\n" + String(repeating: "a", count: 1025)),
            is: .truncated(200, String(repeating: "a", count: 1024), .limit)),
        OddServer(
            "body of just the limit",
            .send("HTTP/1.1 200 OK\r\nContent-Length: 1024\r\n\r\n" + String(repeating: "a", count: 1024)),
            is: .response(200, String(repeating: "a", count: 1024))),
    ]

    /// Connections that end before there is an answer.
    static let ends: [OddServer] = [
        OddServer("closed without a word", .close, is: .failure(.reset)),
        OddServer("reset without a word", .reset, is: .failure(.reset)),
        OddServer("closed within the head", .send("HTTP/1.1 200 OK\r\nX-A"), .close, is: .failure(.reset)),
        OddServer(
            "closed after an informational answer", .send("HTTP/1.1 100 x\r\n\r\n"), .close,
            is: .failure(.reset)),
    ]

    static let all = odd + garbage + heads + bodies + ends

    private static func head(_ fields: String) -> ScriptedServer.Step {
        .send("HTTP/1.1 200 OK\r\n\(fields)\r\n\r\n")
    }

    private static func chunks(_ text: String) -> ScriptedServer.Step {
        .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(text)")
    }
}
