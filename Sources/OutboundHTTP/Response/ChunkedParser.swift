/// Walks through a chunked body (RFC 9112, section 7.1). Chunk extensions and trailers are checked and
/// dropped.
struct ChunkedParser {
    enum Step: Equatable { case needMore, data(Int), end, violation(ProtocolViolation) }

    private enum State { case size, data(Int), dataEnd, trailers }

    /// A size with its extensions; nobody sends extensions, and endless ones are an attack.
    private static let sizeLineLimit = 1024

    private var state = State.size

    /// Reads what stands before the next data.
    ///
    /// - Returns: how many bytes were framing, and then: `data(n)`, the next n bytes are the body's.
    /// - Parameter budget: what trailers count against.
    mutating func consume(_ bytes: UnsafeRawBufferPointer, budget: inout HeadBudget) -> (
        count: Int, step: Step
    ) {
        var offset = 0
        while true {
            if case .data(let left) = state {
                let available = min(left, bytes.count - offset)
                if available == 0 { return (offset, .needMore) }
                state = available == left ? .dataEnd : .data(left - available)
                return (offset, .data(available))
            }
            guard let end = bytes.firstLineFeed(from: offset) else {
                let room = isInTrailers ? budget.left : Self.sizeLineLimit
                return (offset, bytes.count - offset > room ? .violation(overflow) : .needMore)
            }
            if isInTrailers, !budget.charge(end + 1 - offset) { return (offset, .violation(.headTooLarge)) }
            guard end > offset, bytes[end - 1] == 0x0d else { return (offset, .violation(malformation)) }
            let line = bytes.line(from: offset, to: end)
            offset = end + 1
            if let step = read(line) { return (offset, step) }
        }
    }

    private var isInTrailers: Bool {
        if case .trailers = state { true } else { false }
    }

    private var malformation: ProtocolViolation { isInTrailers ? .badTrailer : .badChunk }

    private var overflow: ProtocolViolation { isInTrailers ? .headTooLarge : .badChunk }

    private mutating func read(_ line: UnsafeRawBufferPointer) -> Step? {
        switch state {
        case .size:
            guard let size = Self.size(line) else { return .violation(.badChunk) }
            state = size == 0 ? .trailers : .data(size)
        case .dataEnd:
            guard line.isEmpty else { return .violation(.badChunk) }
            state = .size
        case .trailers:
            if line.isEmpty { return .end }
            guard FieldLine(line) != nil else { return .violation(.badTrailer) }
        case .data: preconditionFailure("data is not read in lines")
        }
        return nil
    }

    private static func size(_ line: UnsafeRawBufferPointer) -> Int? {
        guard line.count <= sizeLineLimit else { return nil }
        var size = 0
        var digits = 0
        for byte in line {
            guard let nibble = hexValue(byte) else { break }
            size = size << 4 | nibble
            digits += 1
            if digits > 15 { return nil }
        }
        let rest = UnsafeRawBufferPointer(rebasing: line[digits...]).trimmingBlanks()
        guard digits > 0, rest.isEmpty || rest[0] == UInt8(ascii: ";"),
            rest.allSatisfy(HTTPSyntax.isValueByte)
        else { return nil }
        return size
    }

    private static func hexValue(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}
