/// Checking JSON without building a tree, for the path on which bytes are only passed on.
package enum JSONSlices {
    /// The kind of a value, by its first byte.
    package enum Kind: Sendable { case object, array, string, number, bool, null }

    /// A member of an object: its key and the place of its value in the bytes.
    package struct Member: Sendable, Equatable {
        package let key: String
        package let kind: Kind
        package let range: Range<Int>
    }

    /// Checks a whole text and returns the members of the object that it is, as places in `bytes`.
    ///
    /// - Throws: `JSONError` when the text is not JSON or not an object.
    package static func members(
        of bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits = JSONLimits()
    ) throws(JSONError) -> [Member] {
        var scanner = JSONScanner(bytes, limits: limits)
        guard try scanner.peek() == .object else {
            throw JSONError(offset: scanner.offset, message: "an object is expected")
        }
        var members: [Member] = []
        members.reserveCapacity(4)
        try scanner.object { (scanner, key) throws(JSONError) in
            let range = try scanner.skipValue()
            members.append(Member(key: key, kind: kind(bytes[range.lowerBound]), range: range))
        }
        try scanner.end()
        return members
    }

    /// The text of a member that is a string.
    ///
    /// - Precondition: the member is of these bytes.
    package static func string(_ member: Member, of bytes: UnsafeBufferPointer<UInt8>) -> String? {
        guard member.kind == .string else { return nil }
        let content = member.range.lowerBound + 1..<member.range.upperBound - 1
        let isEscaped = bytes[content].contains(UInt8(ascii: "\\"))
        return JSONScanner.text(bytes, content, isEscaped: isEscaped)
    }

    /// Checks a whole text and returns the places of the elements of the array that it is.
    package static func elements(
        of bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits = JSONLimits()
    ) throws(JSONError) -> [Range<Int>] {
        var scanner = JSONScanner(bytes, limits: limits)
        guard try scanner.peek() == .array else {
            throw JSONError(offset: scanner.offset, message: "an array is expected")
        }
        var elements: [Range<Int>] = []
        try scanner.array { (scanner) throws(JSONError) in elements.append(try scanner.skipValue()) }
        try scanner.end()
        return elements
    }

    private static func kind(_ first: UInt8) -> Kind {
        switch first {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        case UInt8(ascii: "n"): .null
        default: .number
        }
    }
}
