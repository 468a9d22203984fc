import Glibc

/// `multipart/form-data` (RFC 7578) as it arrives, without keeping more than a line of it.
///
/// Strict in its bounds, lenient in line ends: bodies in the wild have bare line feeds. How the first boundary line ends is
/// how all others have to end, so that a file of binary data comes out byte for byte.
struct MultipartParser {
    /// Why a body is not what its type says.
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    enum Event {
        /// Header fields of the next part, by lower-case names.
        case began([String: String])
        /// Only valid during the call.
        case data(UnsafeRawBufferPointer)
        case ended
    }

    private enum State { case preamble, headers, body(isFirst: Bool), epilogue }

    static let maximumParts = 1000
    static let maximumHeaders = 16 << 10
    static let maximumPreamble = 64 << 10

    private let marker: [UInt8]
    private var lineEnd: [UInt8] = []
    private var pending: [UInt8] = []
    private var state = State.preamble
    private var parts = 0

    /// nil for a boundary that RFC 2046 does not allow.
    init?(boundary: String) {
        guard 1...200 ~= boundary.utf8.count, boundary.utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) else {
            return nil
        }
        marker = Array("--\(boundary)".utf8)
    }

    mutating func feed(_ bytes: UnsafeRawBufferPointer, _ handle: (Event) throws -> Void) throws {
        pending += bytes
        while try step(handle) {}
    }

    /// Nothing follows.
    func finish() throws {
        switch state {
        case .epilogue: return
        case .preamble: throw Malformed(description: "the boundary does not occur in the body")
        case .headers, .body: throw Malformed(description: "the body ends within a part")
        }
    }

    /// One step; false when more bytes are needed.
    private mutating func step(_ handle: (Event) throws -> Void) throws -> Bool {
        switch state {
        case .preamble: return try skipPreamble()
        case .headers: return try readHeaders(handle)
        case .body(let isFirst): return try readBody(isFirst: isFirst, handle)
        case .epilogue:
            pending.removeAll()
            return false
        }
    }

    private mutating func skipPreamble() throws -> Bool {
        var start = 0
        while let position = find(marker, from: start) {
            guard position == 0 || pending[position - 1] == 0x0A else {
                start = position + 1
                continue
            }
            switch boundaryEnd(position + marker.count) {
            case .unknown: return try mayWait(Self.maximumPreamble, "the boundary does not occur in the body")
            case .no: start = position + 1
            case .last: throw Malformed(description: "the body has no parts")
            case .next(let end):
                let isPair = end >= 2 && pending[end - 2] == 0x0D
                lineEnd = isPair ? [0x0D, 0x0A] : [0x0A]
                pending.removeFirst(end)
                try beginPart()
                return true
            }
        }
        return try mayWait(Self.maximumPreamble, "the boundary does not occur in the body")
    }

    private mutating func beginPart() throws {
        parts += 1
        guard parts <= Self.maximumParts else {
            throw Malformed(description: "the body has more than \(Self.maximumParts) parts")
        }
        state = .headers
    }

    private mutating func readHeaders(_ handle: (Event) throws -> Void) throws -> Bool {
        var lines: [String] = []
        var start = 0
        while let end = pending[start...].firstIndex(of: 0x0A) {
            guard end < Self.maximumHeaders else { break }
            var line = pending[start..<end]
            if line.last == 0x0D { line = line.dropLast() }
            start = end + 1
            if line.isEmpty {
                pending.removeFirst(start)
                try handle(.began(Self.fields(lines)))
                state = .body(isFirst: true)
                return true
            }
            lines.append(Charset.text(Array(line), charset: nil))
        }
        return try mayWait(Self.maximumHeaders, "the headers of a part are too long")
    }

    private static func fields(_ lines: [String]) -> [String: String] {
        var fields: [String: String] = [:]
        var last: String?
        for line in lines {
            if line.first == " " || line.first == "\t", let last {
                fields[last]? += " " + line.trimmingSpaces
            } else if let colon = line.firstIndex(of: ":") {
                let name = String(line[..<colon]).lowercased().trimmingSpaces
                fields[name] = String(line[line.index(after: colon)...]).trimmingSpaces
                last = name
            }
        }
        return fields
    }

    private mutating func readBody(isFirst: Bool, _ handle: (Event) throws -> Void) throws -> Bool {
        // An empty part: the line end before its delimiter is the one that ended the headers.
        if isFirst {
            if pending.count < marker.count, marker.starts(with: pending) { return false }
            if pending.starts(with: marker) {
                switch boundaryEnd(marker.count) {
                case .unknown: return try mayWait(marker.count + 1024, "a boundary line is too long")
                case .no: break
                case let found:
                    try endPart(found, handle)
                    return true
                }
            }
            state = .body(isFirst: false)
        }
        let delimiter = lineEnd + marker
        var start = 0
        while let position = find(delimiter, from: start) {
            switch boundaryEnd(position + delimiter.count) {
            case .unknown:
                try emit(position, handle)
                return try mayWait(delimiter.count + 1024, "a boundary line is too long")
            case .no: start = position + 1
            case let found:
                try emit(position, handle)
                try endPart(found.moved(by: -position), handle)
                return true
            }
        }
        // The beginning of a delimiter may be all there is yet.
        try emit(max(0, pending.count - delimiter.count + 1), handle)
        return false
    }

    private mutating func emit(
        _ count: Int, _ handle: (Event) throws -> Void
    ) throws {
        guard count > 0 else { return }
        try pending.withUnsafeBytes { try handle(.data(UnsafeRawBufferPointer(rebasing: $0[..<count]))) }
        pending.removeFirst(count)
    }

    private mutating func endPart(_ end: BoundaryEnd, _ handle: (Event) throws -> Void) throws {
        try handle(.ended)
        if case .next(let position) = end {
            pending.removeFirst(position)
            try beginPart()
        } else {
            state = .epilogue
        }
    }

    /// What stands behind a boundary.
    private enum BoundaryEnd {
        /// The next part begins at this position.
        case next(Int)
        case last
        /// It was none: the text goes on.
        case no
        case unknown

        func moved(by distance: Int) -> BoundaryEnd {
            if case .next(let position) = self { .next(position + distance) } else { self }
        }
    }

    private func boundaryEnd(_ position: Int) -> BoundaryEnd {
        let rest = pending[position...]
        if rest.starts(with: [0x2D, 0x2D]) { return .last }
        guard rest.count >= 2 || rest.first == 0x0A else { return .unknown }
        // White space that a mail program added.
        let end = rest.drop { $0 == 0x20 || $0 == 0x09 }
        guard let first = end.first else { return .unknown }
        if first == 0x0A { return .next(end.startIndex + 1) }
        guard first == 0x0D else { return .no }
        guard let second = end.dropFirst().first else { return .unknown }
        return second == 0x0A ? .next(end.startIndex + 2) : .no
    }

    private func mayWait(_ limit: Int, _ problem: String) throws -> Bool {
        guard pending.count <= limit else { throw Malformed(description: problem) }
        return false
    }

    private func find(_ needle: [UInt8], from start: Int) -> Int? {
        guard start < pending.count else { return nil }
        return pending.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            var position = start
            while bytes.count - position >= needle.count,
                let found = memchr(
                    base + position, Int32(needle[0]), bytes.count - position - needle.count + 1)
            {
                position = base.distance(to: UnsafeRawPointer(found))
                if memcmp(base + position, needle, needle.count) == 0 { return position }
                position += 1
            }
            return nil
        }
    }
}
