import Glibc
import NIOCore
import Synchronization

/// The form that a mail arrives as, taken in piece by piece: short fields in memory, everything else in files.
///
/// Blocks on file output.
final class MailForm: Sendable {
    /// A part of the form.
    struct Part: Sendable {
        let name: String
        let fileName: String?
        let contentType: String
        fileprivate(set) var bytes: [UInt8] = []
        /// Where the content is when it is a file, or too long for memory.
        fileprivate(set) var spool: Spool?

        var size: Int { spool?.size ?? bytes.count }

        /// The first bytes of the content.
        func read(upTo count: Int) throws -> [UInt8] {
            try spool?.read(upTo: count) ?? Array(bytes.prefix(count))
        }
    }

    private struct State {
        var parser: Parser
        var verification: BodyVerification?
        var parts: [Part] = []
        var current: Part?
    }

    private enum Parser {
        case multipart(MultipartParser)
        case urlEncoded(URLEncodedParser)
    }

    /// Bytes of a field that stay in memory.
    static let memoryLimit = 32 << 10

    private let state: Mutex<State>
    private let contents: ContentStore

    /// - Throws: `Problem` 400 for a multipart body without a usable boundary.
    init(_ type: MediaType, verification: BodyVerification?, contents: ContentStore) throws {
        self.contents = contents
        let parser: Parser
        if type.isForm {
            parser = .urlEncoded(URLEncodedParser())
        } else {
            guard let multipart = type.parameters["boundary"].flatMap({ MultipartParser(boundary: $0) })
            else {
                throw Problem.malformed("the content type has no usable `boundary`")
            }
            parser = .multipart(multipart)
        }
        state = Mutex(State(parser: parser, verification: verification))
    }

    /// - Throws: `Problem` 400, `FileError`.
    func feed(_ chunk: ByteBuffer) throws {
        try chunk.withUnsafeReadableBytes { bytes in
            try state.withLock { state in
                state.verification?.update(bytes)
                try parse(&state) { parser, handle in
                    switch parser {
                    case .multipart(var multipart):
                        try multipart.feed(bytes, handle)
                        return .multipart(multipart)
                    case .urlEncoded(var form):
                        try form.feed(bytes, handle)
                        return .urlEncoded(form)
                    }
                }
            }
        }
    }

    /// Whether the signature over the body fits; true when there is none to check.
    var isVerified: Bool { state.withLock { $0.verification?.isValid ?? true } }

    /// The parts of the whole form.
    ///
    /// - Throws: `Problem` 400 when the body ended too early.
    func finish() throws -> [Part] {
        try state.withLock { state in
            try parse(&state) { parser, handle in
                switch parser {
                case .multipart(let multipart): try multipart.finish()
                case .urlEncoded(var form): try form.finish(handle)
                }
                return parser
            }
            return state.parts
        }
    }

    private func parse(
        _ state: inout State,
        _ step: (Parser, (MultipartParser.Event) throws -> Void) throws -> Parser
    ) throws {
        var (parts, current) = (state.parts, state.current)
        // The parser is taken out, so that its buffer has one owner and is not copied.
        let parser = state.parser
        state.parser = .urlEncoded(URLEncodedParser())
        defer { (state.parts, state.current) = (parts, current) }
        do {
            state.parser = try step(parser) { event in
                switch event {
                case .began(let fields): current = try begin(fields)
                case .data(let bytes): try current?.append(bytes, contents)
                case .ended:
                    if let current { parts.append(current) }
                    current = nil
                }
            }
        } catch let error as MultipartParser.Malformed {
            throw Problem.malformed(error.description)
        }
    }

    private func begin(_ fields: [String: String]) throws -> Part {
        let disposition = HeaderParameters(fields["content-disposition"] ?? "")
        let name = disposition.parameters["name"] ?? ""
        let fileName = Self.fileName(disposition, fields["content-disposition"] ?? "")
        var part = Part(
            name: name, fileName: fileName, contentType: fields["content-type"] ?? "")
        if fileName != nil || name == "email" || name.hasPrefix("attachment") && name.last?.isNumber == true {
            part.spool = try contents.spool()
        }
        return part
    }
}

extension MailForm {
    /// Browsers and most senders write the name as it is; a few encode it as mail programs do.
    private static func fileName(_ disposition: HeaderParameters, _ text: String) -> String? {
        if let name = disposition.parameters["filename*"].flatMap(extendedValue) { return name }
        let isInPieces = disposition.parameters.keys.contains { $0.hasPrefix("filename*0") }
        if isInPieces, let name = HeaderText.fileNameInPieces(text) { return name }
        return disposition.parameters["filename"].map { EncodedWords.decoded($0) }
    }

    /// `UTF-8'en'Gr%C3%BC%C3%9Fe` (RFC 8187); nil for anything else.
    private static func extendedValue(_ text: String) -> String? {
        let parts = text.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        let bytes = URLEncodedForm.decode(parts[2].replacing("+", with: "%2B").utf8)
        return Charset.text(bytes, charset: String(parts[0]))
    }
}

extension MailForm.Part {
    fileprivate mutating func append(_ data: UnsafeRawBufferPointer, _ contents: ContentStore) throws {
        if spool == nil {
            bytes += data
            guard bytes.count > MailForm.memoryLimit else { return }
            let spool = try contents.spool()
            try bytes.withUnsafeBytes { try spool.write($0) }
            self.spool = spool
            bytes = []
        } else {
            try spool?.write(data)
        }
    }
}
