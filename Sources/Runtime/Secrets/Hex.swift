/// Lower-case hexadecimal.
package enum Hex {
    /// - Parameter prefix: what the text begins with.
    package static func lowercase(_ bytes: some Collection<UInt8>, after prefix: StaticString = "") -> String
    {
        let start = prefix.utf8CodeUnitCount
        return String(unsafeUninitializedCapacity: start + bytes.count * 2) { buffer in
            for position in 0..<start { buffer[position] = prefix.utf8Start[position] }
            var position = start
            for byte in bytes {
                buffer[position] = digits.utf8Start[Int(byte >> 4)]
                buffer[position + 1] = digits.utf8Start[Int(byte & 15)]
                position += 2
            }
            return position
        }
    }

    private static var digits: StaticString { "0123456789abcdef" }
}
