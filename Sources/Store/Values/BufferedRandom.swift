import Glibc

/// The operating system's random numbers, fetched 256 bytes at a time: a system call for each number costs more than what
/// the number is for.
package struct BufferedRandom: RandomNumberGenerator, Sendable {
    private var words: [UInt64] = []

    package init() {}

    package mutating func next() -> UInt64 {
        if words.isEmpty { refill() }
        return words.removeLast()
    }

    private mutating func refill() {
        words = [UInt64](unsafeUninitializedCapacity: 32) { buffer, count in
            // At most 256 bytes; that is how many getentropy gives without fail.
            let result = getentropy(buffer.baseAddress, buffer.count * MemoryLayout<UInt64>.size)
            precondition(result == 0, "the system has no random numbers")
            count = buffer.count
        }
    }
}
