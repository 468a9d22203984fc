/// What is refused before a file is given to libyaml.
enum SourceCheck {
    /// False, after a report, for a file that is too large, not UTF-8, or holds a line separator that only some readers
    /// see as the end of a line: what follows a comment's `U+0085` would be hidden from a reviewer.
    static func accepts(_ source: SourceFile, into sink: inout DiagnosticSink) -> Bool {
        let limit = YAMLReader.Limits.fileSize
        guard source.bytes.count <= limit.bytes else {
            sink.add(
                .fileTooLarge, "the file is larger than \(limit)", at: Mark(line: 1, column: 1),
                hint: "split it into several files")
            return false
        }
        if let offset = firstInvalidByte(source.bytes) {
            let isUTF16 = source.bytes.starts(with: [0xFF, 0xFE]) || source.bytes.starts(with: [0xFE, 0xFF])
            sink.add(
                .notUTF8, isUTF16 ? "the file is UTF-16" : "the file is not UTF-8",
                at: mark(of: offset, in: source),
                hint: "save it as UTF-8")
            return false
        }
        if let (offset, scalar) = firstLineSeparator(source.bytes) {
            sink.add(
                .syntax, "the line separator \(scalar) is not allowed", at: mark(of: offset, in: source),
                hint: "write it as an escape in a double-quoted string")
            return false
        }
        return true
    }

    private static func firstInvalidByte(_ bytes: [UInt8]) -> Int? {
        if bytes.allSatisfy({ $0 < 0x80 }) || String(validating: bytes, as: UTF8.self) != nil { return nil }
        var decoder = UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch decoder.parseScalar(from: &iterator) {
            case .valid(let scalar): offset += scalar.count
            case .error, .emptyInput: return min(offset, bytes.count - 1)
            }
        }
    }

    private static func firstLineSeparator(_ bytes: [UInt8]) -> (offset: Int, scalar: String)? {
        for (offset, byte) in bytes.enumerated() where byte == 0xC2 || byte == 0xE2 {
            if bytes[offset...].starts(with: [0xC2, 0x85]) { return (offset, "U+0085") }
            if bytes[offset...].starts(with: [0xE2, 0x80, 0xA8]) { return (offset, "U+2028") }
            if bytes[offset...].starts(with: [0xE2, 0x80, 0xA9]) { return (offset, "U+2029") }
        }
        return nil
    }

    private static func mark(of offset: Int, in source: SourceFile) -> Mark {
        var line: Int32 = 1
        var lineStart = 0
        while let next = source.offset(ofLine: Int(line) + 1), next <= offset {
            lineStart = next
            line += 1
        }
        let column =
            String(decoding: source.bytes[lineStart..<offset], as: UTF8.self).unicodeScalars.count + 1
        return Mark(line: line, column: Int32(column))
    }
}
