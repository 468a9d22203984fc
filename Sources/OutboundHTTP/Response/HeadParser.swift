import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Reads a response's status line and fields (RFC 9112, sections 4 and 5) and keeps what frames the body.
///
/// It reads whole lines only; the caller keeps the rest until more has come. Lines may end in LF alone
/// (section 2.2).
struct HeadParser {
    enum Result: Equatable { case needMore, complete, violation(ProtocolViolation) }

    private let maxFields: Int
    private(set) var status = 0
    private(set) var minorVersion = 0
    /// `name: value` lines, each ended by LF.
    private(set) var lines = ByteBuffer()
    private(set) var framing = FramingFields()
    private var fieldCount = 0
    private var hasStatusLine = false

    init(maxFields: Int) { self.maxFields = maxFields }

    /// Prepares for the next head.
    mutating func reset() {
        lines = ByteBuffer()
        framing = FramingFields()
        fieldCount = 0
        hasStatusLine = false
    }

    /// Reads as many lines as there are, and stops behind the empty one.
    mutating func consume(_ bytes: UnsafeRawBufferPointer, budget: inout HeadBudget) -> (
        count: Int, result: Result
    ) {
        if !hasStatusLine { lines = ByteBufferAllocator().buffer(capacity: bytes.count) }
        var offset = 0
        while let end = bytes.firstLineFeed(from: offset) {
            guard budget.charge(end + 1 - offset) else { return (offset, .violation(.headTooLarge)) }
            let line = bytes.line(from: offset, to: end)
            offset = end + 1
            if hasStatusLine, line.isEmpty { return (offset, .complete) }
            if let violation = read(line) { return (offset, .violation(violation)) }
        }
        let isHopeless = bytes.count - offset > budget.left
        return (offset, isHopeless ? .violation(.headTooLarge) : .needMore)
    }

    private mutating func read(_ line: UnsafeRawBufferPointer) -> ProtocolViolation? {
        if !hasStatusLine { return readStatusLine(line) }
        if line[0] == 0x20 || line[0] == 0x09 { return unfold(line) }
        fieldCount += 1
        if fieldCount > maxFields { return .tooManyFields }
        return readField(line)
    }

    private mutating func readStatusLine(_ line: UnsafeRawBufferPointer) -> ProtocolViolation? {
        guard line.count >= 8, line.starts(with: "HTTP/1."),
            line[7] == UInt8(ascii: "0") || line[7] == UInt8(ascii: "1")
        else { return .notHTTP }
        guard line.count >= 12, line[8] == 0x20, line.count == 12 || line[12] == 0x20,
            HTTPSyntax.isValue(line)
        else { return .badStatusLine }
        status = 0
        for digit in line[9..<12] {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return .badStatusLine }
            status = status * 10 + Int(digit - UInt8(ascii: "0"))
        }
        minorVersion = Int(line[7] - UInt8(ascii: "0"))
        hasStatusLine = true
        return status >= 100 ? nil : .badStatusLine
    }

    private mutating func readField(_ line: UnsafeRawBufferPointer) -> ProtocolViolation? {
        guard let field = FieldLine(line) else { return .badField }
        lines.append(atMost: field.name.count + field.value.count + 3) { line in
            line.write(field.name)
            line.write(": ")
            line.write(field.value)
            line.write("\n")
        }
        return framing.note(field)
    }

    /// Joins a folded line to the field before it (RFC 9112, section 5.2); framing by folded fields is
    /// refused.
    private mutating func unfold(_ line: UnsafeRawBufferPointer) -> ProtocolViolation? {
        guard fieldCount > 0, !framing.lastFieldFrames, HTTPSyntax.isValue(line) else {
            return .badField
        }
        lines.moveWriterIndex(to: lines.writerIndex - 1)
        lines.writeInteger(UInt8(ascii: " "))
        lines.writeBytes(line.trimmingBlanks())
        lines.writeInteger(UInt8(ascii: "\n"))
        return nil
    }
}

/// A field's name and value as they stand in a line, checked.
struct FieldLine {
    let name: UnsafeRawBufferPointer
    let value: UnsafeRawBufferPointer

    init?(_ line: UnsafeRawBufferPointer) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return nil }
        name = UnsafeRawBufferPointer(rebasing: line[..<colon])
        value = UnsafeRawBufferPointer(rebasing: line[(colon + 1)...]).trimmingBlanks()
        guard name.allSatisfy(HTTPSyntax.isTokenByte), HTTPSyntax.isValue(value) else {
            return nil
        }
    }
}

extension UnsafeRawBufferPointer {
    func firstLineFeed(from offset: Int) -> Int? {
        guard offset < count, let base = baseAddress, let found = memchr(base + offset, 0x0a, count - offset)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// The bytes before a line feed, without a carriage return there.
    func line(from start: Int, to end: Int) -> UnsafeRawBufferPointer {
        let hasReturn = end > start && self[end - 1] == 0x0d
        return UnsafeRawBufferPointer(rebasing: self[start..<(hasReturn ? end - 1 : end)])
    }

    func trimmingBlanks() -> UnsafeRawBufferPointer {
        var start = startIndex
        var end = endIndex
        while start < end, self[start] == 0x20 || self[start] == 0x09 { start += 1 }
        while end > start, self[end - 1] == 0x20 || self[end - 1] == 0x09 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: self[start..<end])
    }

    func starts(with text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount, let base = baseAddress else { return false }
        return memcmp(base, text.utf8Start, text.utf8CodeUnitCount) == 0
    }

    /// Compares with lower-case ASCII.
    func equalsIgnoringCase(_ lowercase: StaticString) -> Bool {
        guard count == lowercase.utf8CodeUnitCount else { return false }
        for index in 0..<count {
            let byte = self[index]
            let folded = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
            if folded != lowercase.utf8Start[index] { return false }
        }
        return true
    }
}
