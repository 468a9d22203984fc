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

    func masked(_ bytes: [UInt8]) -> [UInt8] {
        values.reduce(bytes) { bytes, value in
            guard bytes.count >= value.bytes.count, bytes.contains(value.bytes) else { return bytes }
            return bytes.replacing(value.bytes, with: Array(value.text.utf8))
        }
    }
}
