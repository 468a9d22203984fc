import HTTPTypes
import NIOCore
import NIOHTTP1

/// Bytes that are no request, and the problem that the sender is told.
struct RefusedBytes: Error {
    let problem: Problem
    /// What the parser said.
    let cause: HTTPParserError
}

/// Reads requests with NIO's parser, and tells of those that it refuses what is wrong with them.
///
/// - Throws: `RefusedBytes` while decoding.
final class RequestDecoder: ByteToMessageDecoder {
    typealias InboundOut = HTTPServerRequestPart

    /// Bytes of a request target with all names and values of its header, and of one of them.
    static let maximumHead = 80 << 10
    static let maximumFields = 1000

    private var parser = RequestDecoder.makeParser()
    /// Whether what the parser has not read to its end is anything behind the target of a request.
    private var isBehindTarget = false
    /// The parser reads nothing behind a request that asks for another protocol. This server answers it as if it had not
    /// asked (RFC 9110, section 7.8), so another one reads on. Set by whoever gets the end of such a request.
    var needsNewParser = false

    private static func makeParser() -> HTTPRequestDecoder {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = maximumHead
        limits.maxHeaderListSize = maximumHead
        limits.maxHeaderFieldCount = maximumFields
        return HTTPRequestDecoder(limitConfiguration: limits)
    }

    func decoderAdded(context: ChannelHandlerContext) { parser.decoderAdded(context: context) }

    func decoderRemoved(context: ChannelHandlerContext) { parser.decoderRemoved(context: context) }

    func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        let fed = buffer.readableBytesView
        do {
            _ = try parser.decode(context: context, buffer: &buffer)
        } catch let error as HTTPParserError {
            throw RefusedBytes(problem: problem(error, buffer), cause: error)
        }
        if buffer.readableBytes < fed.count {
            isBehindTarget =
                buffer.readableBytes > 0 && !Self.endsWithMethod(fed.dropLast(buffer.readableBytes))
        }
        guard needsNewParser else { return .needMoreData }
        needsNewParser = false
        parser.decoderRemoved(context: context)
        parser = Self.makeParser()
        parser.decoderAdded(context: context)
        return buffer.readableBytes > 0 ? .continue : .needMoreData
    }

    func decodeLast(
        context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool
    ) throws -> DecodingState {
        do {
            return try parser.decodeLast(context: context, buffer: &buffer, seenEOF: seenEOF)
        } catch let error as HTTPParserError {
            throw RefusedBytes(problem: problem(error, buffer), cause: error)
        }
    }

    /// Whether what has been read ends with a letter and a space: behind the name of a header field is a colon.
    private static func endsWithMethod(_ read: ByteBufferView) -> Bool {
        read.last == 0x20 && read.last { $0 != 0x20 }?.isLetter == true
    }

    // MARK: Problems

    private func problem(_ error: HTTPParserError, _ bytes: ByteBuffer) -> Problem {
        let view = bytes.readableBytesView
        switch error {
        case .headerOverflow:
            let isTarget = !isBehindTarget && !view.prefix(Self.maximumHead).contains(0x0A)
            return isTarget ? .targetTooLong : .headersTooLarge
        case .invalidMethod where Self.hasUnknownMethod(view): return .unknownMethod
        case .invalidVersion where Self.hasKnownVersion(view):
            return .malformed("a line does not end with CR LF")
        default: return Self.problem(error)
        }
    }

    /// What can be told without the bytes.
    static func problem(_ error: HTTPParserError) -> Problem {
        switch error {
        // What is written in HTTP/2 begins with `PRI`.
        case .invalidVersion, .paused: .unsupportedVersion
        case .headerOverflow: .headersTooLarge
        case .invalidMethod: .malformed("this is not HTTP")
        case .invalidURL: .malformed("the target of the request has a character that it must not have")
        case .invalidConstant: .malformed("the first line has to end with `HTTP/1.1`")
        case .invalidHeaderToken: .malformed("a header field has a character that it must not have")
        case .invalidContentLength, .unexpectedContentLength:
            .malformed("`Content-Length` is no number, is there twice, or stands beside `Transfer-Encoding`")
        case .invalidChunkSize: .malformed("the chunks of the body are malformed")
        case .invalidEOFState: .malformed("the request ends before its end")
        case .lfExpected: .malformed("a line does not end with CR LF")
        default: .malformed("a line does not end with CR LF, or `Transfer-Encoding` is wrong")
        }
    }

    /// Whether the bytes begin with the line of a request that could be answered but for its method.
    private static func hasUnknownMethod(_ bytes: ByteBufferView) -> Bool {
        let words = firstLine(bytes)
        guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy(\.isTokenByte),
            words[2].starts(with: "HTTP/1.".utf8), case .RAW = HTTPMethod(rawValue: text(words[0]))
        else { return false }
        return true
    }

    /// Whether it is not the version that is wrong, but how its line ends.
    private static func hasKnownVersion(_ bytes: ByteBufferView) -> Bool {
        guard let version = firstLine(bytes).last else { return false }
        return ["HTTP/1.1", "HTTP/1.0"].contains { version.starts(with: $0.utf8) }
    }

    private static func firstLine(_ bytes: ByteBufferView) -> [ByteBufferView] {
        bytes.prefix { $0 != 0x0A }.split(separator: 0x20, omittingEmptySubsequences: false)
    }

    private static func text(_ bytes: ByteBufferView) -> String { String(decoding: bytes, as: UTF8.self) }
}

extension Problem {
    static let targetTooLong = Problem(
        .uriTooLong, "uri-too-long", "URI too long",
        "the target of the request is larger than \(RequestDecoder.maximumHead) bytes")

    static let headersTooLarge = Problem(
        .requestHeaderFieldsTooLarge, "headers-too-large", "Request header fields too large",
        "the header, or the trailers, are larger than \(RequestDecoder.maximumHead) bytes or more than \(RequestDecoder.maximumFields) fields"
    )

    static let unsupportedVersion = Problem(
        .httpVersionNotSupported, "version-not-supported", "HTTP version not supported",
        "this server speaks HTTP/1.1 and HTTP/1.0")

    static let unknownMethod = Problem(
        .notImplemented, "not-implemented", "Not implemented", "the method is not known")
}

extension UInt8 {
    fileprivate var isLetter: Bool { 0x61...0x7A ~= self | 0x20 }

    /// Of a token (RFC 9110, section 5.6.2).
    fileprivate var isTokenByte: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(self)
        }
    }
}
