/// A lexicographically sortable identifier: 48 bits of milliseconds, 80 random bits, 26 characters of Crockford's
/// base 32 (github.com/ulid/spec).
package struct ULID: Sendable, Hashable, CustomStringConvertible {
    let time: UInt64
    let high: UInt16
    let low: UInt64

    init(time: UInt64, high: UInt16, low: UInt64) {
        self.time = time
        self.high = high
        self.low = low
    }

    /// nil when the text is not 26 characters of the alphabet, or beyond 128 bits.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 26, bytes[0] <= UInt8(ascii: "7") else { return nil }
        var value: (UInt64, UInt64) = (0, 0)
        for byte in bytes {
            guard let digit = Self.alphabet.withUTF8Buffer({ $0.firstIndex(of: byte) }) else { return nil }
            value = (value.0 << 5 | value.1 >> 59, value.1 << 5 | UInt64(digit))
        }
        self.init(time: value.0 >> 16, high: UInt16(truncatingIfNeeded: value.0), low: value.1)
    }

    package var description: String { text() }

    /// - Parameter prefix: what the text begins with.
    func text(after prefix: StaticString = "") -> String {
        let start = prefix.utf8CodeUnitCount
        return String(unsafeUninitializedCapacity: start + 26) { buffer in
            for position in 0..<start { buffer[position] = prefix.utf8Start[position] }
            var value = (time << 16 | UInt64(high), low)
            for position in (start..<start + 26).reversed() {
                buffer[position] = Self.alphabet.utf8Start[Int(value.1 & 31)]
                value = (value.0 >> 5, value.1 >> 5 | (value.0 & 31) << 59)
            }
            return start + 26
        }
    }

    private static var alphabet: StaticString { "0123456789ABCDEFGHJKMNPQRSTVWXYZ" }
}

/// Makes ULIDs whose order never goes back, also when the clock does.
package struct ULIDGenerator: Sendable {
    private var last: ULID

    /// - Parameter floor: the greatest identifier that is known to exist; every new one is greater.
    package init(floor: ULID? = nil) { last = floor ?? ULID(time: 0, high: 0, low: 0) }

    package mutating func next(
        at now: UnixTime, using random: inout some RandomNumberGenerator
    ) -> ULID {
        let time = UInt64(max(0, now.milliseconds)) & 0xFFFF_FFFF_FFFF
        if time > last.time {
            // The top random bit stays clear, so that a burst within one millisecond has room to count up.
            last = ULID(
                time: time, high: UInt16.random(in: 0...0x7FFF, using: &random),
                low: .random(in: 0 ... .max, using: &random))
        } else {
            last = last.incremented(by: .random(in: 1...0xFFFF_FFFF, using: &random))
        }
        return last
    }
}

extension ULID {
    /// Counts the random part up; a carry goes into the time.
    fileprivate func incremented(by step: UInt64) -> ULID {
        let (low, carry) = low.addingReportingOverflow(step)
        guard carry else { return ULID(time: time, high: high, low: low) }
        let (high, overflow) = high.addingReportingOverflow(1)
        return ULID(time: overflow ? time + 1 : time, high: high, low: low)
    }
}

extension ULID: Comparable {
    package static func < (left: ULID, right: ULID) -> Bool {
        (left.time, left.high, left.low) < (right.time, right.high, right.low)
    }
}
