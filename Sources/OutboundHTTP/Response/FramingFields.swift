/// What a head says about where the message ends and whether the connection survives it (RFC 9112, sections 6
/// and 9).
struct FramingFields {
    private var contentLength: Int?
    private var isChunked = false
    private var saysClose = false
    private var saysKeepAlive = false
    /// `Keep-Alive: timeout=…` in seconds: how long the receiver means to keep an idle connection.
    private(set) var keepAliveSeconds: Int?
    private(set) var lastFieldFrames = false

    /// Looks at a field; anything that another reader could frame differently is refused.
    mutating func note(_ field: FieldLine) -> ProtocolViolation? {
        lastFieldFrames = true
        switch field.name.count {
        case 14 where field.name.equalsIgnoringCase("content-length"): return noteLength(field.value)
        case 17 where field.name.equalsIgnoringCase("transfer-encoding"): return noteCoding(field.value)
        case 10 where field.name.equalsIgnoringCase("connection"): noteConnection(field.value)
        case 10 where field.name.equalsIgnoringCase("keep-alive"): noteKeepAlive(field.value)
        default: lastFieldFrames = false
        }
        return nil
    }

    /// How the body of a final answer ends.
    func body(status: Int, method: HTTPMethod, minorVersion: Int) -> Result<BodyFraming, ProtocolViolation> {
        if isChunked, contentLength != nil { return .failure(.severalLengths) }
        if isChunked, minorVersion == 0 { return .failure(.badTransferEncoding) }
        if method == .head || status == 204 || status == 304 { return .success(.length(0)) }
        if isChunked { return .success(.chunked) }
        return .success(contentLength.map(BodyFraming.length) ?? .untilClose)
    }

    /// Whether the connection may serve another request.
    func keepsAlive(minorVersion: Int) -> Bool {
        !saysClose && (minorVersion >= 1 || saysKeepAlive)
    }

    private mutating func noteLength(_ value: UnsafeRawBufferPointer) -> ProtocolViolation? {
        guard contentLength == nil else { return .severalLengths }
        guard let length = value.decimalValue else {
            return value.contains(UInt8(ascii: ",")) ? .severalLengths : .badLength
        }
        contentLength = length
        return nil
    }

    /// We never announce other codings, so nothing but one `chunked` can be meant for us.
    private mutating func noteCoding(_ value: UnsafeRawBufferPointer) -> ProtocolViolation? {
        guard !isChunked, value.equalsIgnoringCase("chunked") else { return .badTransferEncoding }
        isChunked = true
        return nil
    }

    private mutating func noteConnection(_ value: UnsafeRawBufferPointer) {
        for option in value.split(separator: UInt8(ascii: ",")) {
            let option = UnsafeRawBufferPointer(rebasing: option).trimmingBlanks()
            if option.equalsIgnoringCase("close") { saysClose = true }
            if option.equalsIgnoringCase("keep-alive") { saysKeepAlive = true }
        }
    }

    private mutating func noteKeepAlive(_ value: UnsafeRawBufferPointer) {
        for parameter in value.split(separator: UInt8(ascii: ",")) {
            let parameter = UnsafeRawBufferPointer(rebasing: parameter).trimmingBlanks()
            guard parameter.count > 8,
                UnsafeRawBufferPointer(rebasing: parameter[..<8]).equalsIgnoringCase("timeout=")
            else { continue }
            keepAliveSeconds = UnsafeRawBufferPointer(rebasing: parameter[8...]).decimalValue
        }
    }
}

/// Where a body ends.
enum BodyFraming: Equatable {
    case length(Int)
    case chunked
    case untilClose
}

extension UnsafeRawBufferPointer {
    /// A number of decimal digits only that fits into `Int`.
    var decimalValue: Int? {
        guard !isEmpty, count <= 18 else { return nil }
        var value = 0
        for digit in self {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }
}
