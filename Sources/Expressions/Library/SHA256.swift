/// SHA-256 (FIPS 180-4), so that this library needs no other for one function on public data.
enum SHA256 {
    static func digest(_ message: [UInt8]) -> [UInt8] {
        var state = initial
        for block in blocks(of: message) { compress(&state, block) }
        return state.flatMap(bytes)
    }

    /// The message with its padding, in words of 32 bits, 16 to the block.
    private static func blocks(of message: [UInt8]) -> [[UInt32]] {
        var padded = message + [0x80]
        while padded.count % 64 != 56 { padded.append(0) }
        let bits = UInt64(message.count) * 8
        padded += bytes(UInt32(truncatingIfNeeded: bits >> 32)) + bytes(UInt32(truncatingIfNeeded: bits))
        return stride(from: 0, to: padded.count, by: 64).map { start in
            stride(from: start, to: start + 64, by: 4).map {
                padded[$0..<$0 + 4].reduce(0) { $0 << 8 | UInt32($1) }
            }
        }
    }

    private static func compress(_ state: inout [UInt32], _ block: [UInt32]) {
        var words = block
        for index in 16..<64 {
            let (early, late) = (words[index - 15], words[index - 2])
            let small0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >> 3)
            let small1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >> 10)
            words.append(words[index - 16] &+ small0 &+ words[index - 7] &+ small1)
        }
        var v = state
        for index in 0..<64 {
            let large1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)
            let choice = (v[4] & v[5]) ^ (~v[4] & v[6])
            let first = v[7] &+ large1 &+ choice &+ constants[index] &+ words[index]
            let large0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)
            let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])
            v = [first &+ large0 &+ majority, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
        }
        for index in 0..<8 { state[index] &+= v[index] }
    }

    private static func rotate(_ word: UInt32, _ places: UInt32) -> UInt32 {
        word >> places | word << (32 - places)
    }

    private static func bytes(_ word: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
    }

    private static let primes: [UInt64] = {
        var primes: [UInt64] = []
        var candidate: UInt64 = 2
        while primes.count < 64 {
            if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
            candidate += 1
        }
        return primes
    }()

    /// The first 32 bits of the fractions of the square roots of the first eight primes.
    private static let initial: [UInt32] = primes.prefix(8).map { fraction(of: $0, root: 2) }

    /// The same of the cube roots of the first 64 primes.
    private static let constants: [UInt32] = primes.map { fraction(of: $0, root: 3) }

    /// The first 32 bits of the fraction of a root, found exactly: the largest `r` with `r^n ≤ p · 2^(32 n)`.
    private static func fraction(of prime: UInt64, root: Int) -> UInt32 {
        let target = UInt128(prime) << UInt128(32 * root)
        var result: UInt128 = 0
        for bit in stride(from: 36, through: 0, by: -1) {
            let candidate = result | UInt128(1) << UInt128(bit)
            let power = root == 2 ? candidate * candidate : candidate * candidate * candidate
            if power <= target { result = candidate }
        }
        return UInt32(truncatingIfNeeded: result)
    }
}
