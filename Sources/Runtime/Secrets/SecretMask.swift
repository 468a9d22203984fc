/// What of secrets a request carries. A receiver that sends it back, in a page that quotes the request for instance, must not
/// bring it into the state: a text that names the secret stands in place of the value.
struct SecretMask: Sendable {
    private let values: [(bytes: [UInt8], text: String)]

    /// Shorter values are too likely to stand in an answer by chance.
    private static let minimumSize = 4

    /// - Parameter values: bytes, and what stands in their place.
    init(_ values: [(bytes: [UInt8], text: String)]) {
        // The longest first: one value may be a part of another.
        self.values = values.filter { $0.bytes.count >= Self.minimumSize }
            .sorted { $0.bytes.count > $1.bytes.count }
    }

    func masked(_ text: String) -> String {
        values.isEmpty ? text : String(decoding: masked(Array(text.utf8)), as: UTF8.self)
    }

    /// - Parameter isCut: whether more came, which is not there: a value may have begun at the end.
    func masked(_ bytes: [UInt8], isCut: Bool = false) -> [UInt8] {
        values.reduce(isCut ? withoutBeginning(bytes) : bytes) { bytes, value in
            guard bytes.count >= value.bytes.count, bytes.contains(value.bytes) else { return bytes }
            return bytes.replacing(value.bytes, with: Array(value.text.utf8))
        }
    }

    /// The same without the longest beginning of a value that it ends with.
    private func withoutBeginning(_ bytes: [UInt8]) -> [UInt8] {
        let beginnings = values.compactMap { value -> (count: Int, text: String)? in
            let counts = Self.minimumSize..<max(value.bytes.count, Self.minimumSize)
            return counts.last { bytes.suffix($0).elementsEqual(value.bytes.prefix($0)) }
                .map { ($0, value.text) }
        }
        guard let longest = beginnings.max(by: { $0.count < $1.count }) else { return bytes }
        return bytes.dropLast(longest.count) + Array(longest.text.utf8)
    }
}
