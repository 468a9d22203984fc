import Glibc
import HTTPTypes
import NIOCore

/// A whole request in its plainest form (RFC 9112): one that a general parser would read in the same way, and no other.
///
/// What is not plain is for the general parser, with every byte that came: several requests at once, a body that is
/// chunked or not all there, folded lines, anything that says how the connection goes on.
struct PlainRequest {
    let head: HTTPRequest
    let body: ByteBuffer

    private static let maximumHead = 8 << 10
    private static let maximumFields = 32

    /// nil when the bytes are anything but one plain POST of `path`.
    init?(_ bytes: ByteBuffer, path: String, bodyLimit: Int) {
        let read = bytes.withUnsafeReadableBytes { Self.read($0, path: path, bodyLimit: bodyLimit) }
        guard let (host, fields, length) = read,
            let body = bytes.getSlice(at: bytes.writerIndex - length, length: length)
        else { return nil }
        head = HTTPRequest(method: .post, scheme: nil, authority: host, path: path, headerFields: fields)
        self.body = body
    }

    private static func read(
        _ bytes: UnsafeRawBufferPointer, path: String, bodyLimit: Int
    ) -> (host: String, fields: HTTPFields, length: Int)? {
        guard var position = requestLine(bytes, path: path) else { return nil }
        var fields = HTTPFields()
        fields.reserveCapacity(8)
        var length: Int?
        var host: String?
        for _ in 0..<maximumFields {
            guard let line = line(in: bytes, from: position) else { return nil }
            position += line.count + 2
            if line.isEmpty {
                guard let host, let length, length <= bodyLimit, bytes.count == position + length else {
                    return nil
                }
                return (host, fields, length)
            }
            guard let field = Field(line) else { return nil }
            switch field.meaning {
            case .host:
                guard host == nil, HostField.isValid(field.value) else { return nil }
                host = String(decoding: field.value, as: UTF8.self)
                continue
            case .length:
                guard length == nil, let value = digits(field.value) else { return nil }
                length = value
            case .connection:
                guard field.keepsAlive else { return nil }
            case .other: break
            }
            guard let (name, value) = field.decoded else { return nil }
            fields.append(HTTPField(name: name, value: value))
        }
        return nil
    }

    /// The place behind the request line, if it is this one.
    private static func requestLine(_ bytes: UnsafeRawBufferPointer, path: String) -> Int? {
        let method = "POST " as StaticString
        let version = " HTTP/1.1\r\n" as StaticString
        var path = path
        let versionAt = method.utf8CodeUnitCount + path.utf8.count
        let isThis =
            method.withUTF8Buffer { has($0, at: 0, in: bytes) }
            && path.withUTF8 { has($0, at: method.utf8CodeUnitCount, in: bytes) }
            && version.withUTF8Buffer { has($0, at: versionAt, in: bytes) }
        return isThis ? versionAt + version.utf8CodeUnitCount : nil
    }

    private static func has(
        _ text: UnsafeBufferPointer<UInt8>, at position: Int, in bytes: UnsafeRawBufferPointer
    ) -> Bool {
        guard position + text.count <= bytes.count, let start = text.baseAddress, let base = bytes.baseAddress
        else { return false }
        return memcmp(base + position, start, text.count) == 0
    }

    /// A line up to its CRLF; nil when its first CR is something else, or beyond the bound of a head. A field that holds an
    /// LF is refused for that.
    private static func line(in bytes: UnsafeRawBufferPointer, from start: Int) -> UnsafeRawBufferPointer? {
        let limit = min(bytes.count, maximumHead)
        guard start < limit, let base = bytes.baseAddress,
            let found = memchr(base + start, 0x0D, limit - start)
        else { return nil }
        let end = UnsafeRawPointer(found) - base
        guard end + 1 < limit, bytes[end + 1] == 0x0A else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    private static func digits(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard 1...9 ~= bytes.count else { return nil }
        var value = 0
        for byte in bytes {
            guard 0x30...0x39 ~= byte else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }
}

/// One line of a head.
private struct Field {
    /// What a field says about the message.
    enum Meaning { case host, length, connection, other }

    let name: UnsafeRawBufferPointer
    let value: UnsafeRawBufferPointer

    /// nil unless the name is a token and the value printable ASCII (RFC 9110, section 5).
    init?(_ line: UnsafeRawBufferPointer) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return nil }
        name = UnsafeRawBufferPointer(rebasing: line[..<colon])
        var (start, end) = (colon + 1, line.count)
        while start < end, line[start] == 0x20 { start += 1 }
        while end > start, line[end - 1] == 0x20 { end -= 1 }
        value = UnsafeRawBufferPointer(rebasing: line[start..<end])
        guard name.allSatisfy(Self.isNameByte), Self.isPrintable(value) else { return nil }
    }

    var meaning: Meaning {
        switch name.count {
        case 4 where isNamed("host"): .host
        case 14 where isNamed("content-length"): .length
        case 2 where isNamed("te"), 6 where isNamed("expect"),
            7 where isNamed("trailer") || isNamed("upgrade"),
            10 where isNamed("connection") || isNamed("keep-alive"), 16 where isNamed("proxy-connection"),
            17 where isNamed("transfer-encoding"):
            .connection
        default: .other
        }
    }

    /// Says what holds anyway.
    var keepsAlive: Bool {
        name.count == 10 && isNamed("connection")
            && String(decoding: value, as: UTF8.self).lowercased() == "keep-alive"
    }

    var decoded: (HTTPField.Name, String)? {
        let known: HTTPField.Name? =
            switch name.count {
            case 6 where isNamed("accept"): .accept
            case 10 where isNamed("user-agent"): .userAgent
            case 12 where isNamed("content-type"): .contentType
            case 13 where isNamed("authorization"): .authorization
            case 14 where isNamed("content-length"): .contentLength
            default: HTTPField.Name(String(decoding: name, as: UTF8.self))
            }
        return known.map { ($0, String(decoding: value, as: UTF8.self)) }
    }

    /// Compares with lower-case letters and hyphens.
    private func isNamed(_ text: StaticString) -> Bool {
        guard name.count == text.utf8CodeUnitCount else { return false }
        // A hyphen has the bit of a lower-case letter; no byte of a name becomes one by it.
        return name.indices.allSatisfy { name[$0] | 0x20 == text.utf8Start[$0] }
    }

    /// Looks at every byte, without branches, so that the compiler makes it look at 16 at a time.
    private static func isPrintable(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var others: UInt8 = 0
        for index in bytes.indices {
            let byte = bytes[index]
            others |= (byte < 0x20 ? 1 : 0) | (byte > 0x7E ? 1 : 0)
        }
        return others == 0
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"): true
        default: false
        }
    }
}
