/// `application/x-www-form-urlencoded` as it arrives; the events are those of a multipart body.
struct URLEncodedParser {
    private enum State { case name, value }

    static let maximumName = 4 << 10

    private var state = State.name
    private var name: [UInt8] = []
    /// A percent sign and what follows it, while it is not complete.
    private var escape: [UInt8] = []

    mutating func feed(
        _ bytes: UnsafeRawBufferPointer, _ handle: (MultipartParser.Event) throws -> Void
    ) throws {
        var data: [UInt8] = []
        func flush() throws {
            guard !data.isEmpty else { return }
            try data.withUnsafeBytes { try handle(.data($0)) }
            data.removeAll(keepingCapacity: true)
        }
        for byte in bytes {
            switch (state, byte) {
            case (.name, UInt8(ascii: "=")):
                try begin(handle)
            case (.name, UInt8(ascii: "&")):
                // A name without a value.
                name.removeAll()
            case (.name, _):
                name.append(byte)
                guard name.count <= Self.maximumName else {
                    throw MultipartParser.Malformed(description: "the name of a field is too long")
                }
            case (.value, UInt8(ascii: "&")):
                data += escape
                escape.removeAll()
                try flush()
                try handle(.ended)
                state = .name
            case (.value, _): decode(byte, into: &data)
            }
        }
        try flush()
    }

    mutating func finish(_ handle: (MultipartParser.Event) throws -> Void) throws {
        guard case .value = state else { return }
        if !escape.isEmpty { try escape.withUnsafeBytes { try handle(.data($0)) } }
        try handle(.ended)
    }

    private mutating func begin(_ handle: (MultipartParser.Event) throws -> Void) throws {
        let text = Charset.text(URLEncodedForm.decode(name), charset: nil)
        name.removeAll()
        let quoted = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        try handle(.began(["content-disposition": "form-data; name=\"\(quoted)\""]))
        state = .value
    }

    private mutating func decode(_ byte: UInt8, into data: inout [UInt8]) {
        if escape.isEmpty {
            if byte == UInt8(ascii: "%") {
                escape = [byte]
            } else {
                data.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
            return
        }
        escape.append(byte)
        guard escape.count == 3 else { return }
        data += Hex.bytes(String(decoding: escape[1...], as: UTF8.self)) ?? escape
        escape.removeAll()
    }
}
