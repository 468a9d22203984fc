import Glibc
import HTTPTypes
import NIOCore

/// The head of a plain request.
///
/// A client that keeps its connection sends the same head with every request, but for the length of the body: so the one
/// that was read last tells what the next one says.
final class PlainHead: Sendable {
    /// Without `Content-Length`: that differs between requests of the same head.
    let head: RequestHead

    private let bytes: [UInt8]
    /// Where the digits of the length of the body are.
    private let length: Range<Int>

    private static let maximumSize = 8 << 10
    private static let keptSize = 2 << 10
    private static let maximumFields = 32

    /// nil when the bytes do not begin with the head of a plain POST of `path`.
    init?(_ bytes: UnsafeRawBufferPointer, path: String) {
        guard let (host, fields, length, size) = Self.read(bytes, path: path) else { return nil }
        head = RequestHead(
            HTTPRequest(method: .post, scheme: nil, authority: host, path: path, headerFields: fields))
        self.bytes = Array(bytes[..<size])
        self.length = length
    }

    /// Whether it is small enough to be kept for every connection that there may be.
    var isSmall: Bool { bytes.count <= Self.keptSize }

    /// The sizes of the head and of the body that begins behind it; nil when the head differs from this one in more than the
    /// length of the body.
    func sizes(_ other: UnsafeRawBufferPointer) -> (head: Int, body: Int)? {
        bytes.withUnsafeBytes { bytes in
            let (before, after) = (bytes[..<length.lowerBound], bytes[length.upperBound...])
            guard Self.has(before, at: 0, in: other) else { return nil }
            let digits = other[before.count...].prefix { Self.isDigit($0) }
            guard let body = Self.number(digits), Self.has(after, at: digits.endIndex, in: other) else {
                return nil
            }
            let head = digits.endIndex + after.count
            return head <= Self.maximumSize ? (head, body) : nil
        }
    }

    private static func read(
        _ bytes: UnsafeRawBufferPointer, path: String
    ) -> (host: String, fields: HTTPFields, length: Range<Int>, size: Int)? {
        guard var position = requestLine(bytes, path: path) else { return nil }
        var fields = HTTPFields()
        fields.reserveCapacity(8)
        var length: Range<Int>?
        var host: String?
        for _ in 0..<maximumFields {
            guard let line = line(in: bytes, from: position) else { return nil }
            position += line.count + 2
            if line.isEmpty {
                guard let host, let length else { return nil }
                return (host, fields, length, position)
            }
            guard let field = Field(line) else { return nil }
            switch field.meaning {
            case .host:
                guard host == nil, HostField.isValid(field.value) else { return nil }
                host = String(decoding: field.value, as: UTF8.self)
                continue
            case .length:
                guard length == nil, number(field.value[...]) != nil,
                    let place = place(of: field.value, in: bytes)
                else { return nil }
                length = place
                continue
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
            method.withUTF8Buffer { has(UnsafeRawBufferPointer($0)[...], at: 0, in: bytes) }
            && path.withUTF8 { has(UnsafeRawBufferPointer($0)[...], at: method.utf8CodeUnitCount, in: bytes) }
            && version.withUTF8Buffer { has(UnsafeRawBufferPointer($0)[...], at: versionAt, in: bytes) }
        return isThis ? versionAt + version.utf8CodeUnitCount : nil
    }

    private static func has(
        _ text: Slice<UnsafeRawBufferPointer>, at position: Int, in bytes: UnsafeRawBufferPointer
    ) -> Bool {
        let text = UnsafeRawBufferPointer(rebasing: text)
        guard position + text.count <= bytes.count, let start = text.baseAddress, let base = bytes.baseAddress
        else { return false }
        return memcmp(base + position, start, text.count) == 0
    }

    /// The place of a part of the bytes.
    private static func place(
        of part: UnsafeRawBufferPointer, in bytes: UnsafeRawBufferPointer
    ) -> Range<Int>? {
        guard let start = part.baseAddress, let base = bytes.baseAddress else { return nil }
        return (start - base)..<(start - base + part.count)
    }

    /// A line up to its CRLF; nil when its first CR is something else, or beyond the bound of a head. A field that holds an
    /// LF is refused for that.
    private static func line(in bytes: UnsafeRawBufferPointer, from start: Int) -> UnsafeRawBufferPointer? {
        let limit = min(bytes.count, maximumSize)
        guard start < limit, let base = bytes.baseAddress,
            let found = memchr(base + start, 0x0D, limit - start)
        else { return nil }
        let end = UnsafeRawPointer(found) - base
        guard end + 1 < limit, bytes[end + 1] == 0x0A else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    /// The value of up to nine digits.
    private static func number(_ digits: Slice<UnsafeRawBufferPointer>) -> Int? {
        guard 1...9 ~= digits.count, digits.allSatisfy(isDigit) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }
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
