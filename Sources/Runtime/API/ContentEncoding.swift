import HTTPTypes

extension HTTPFields {
    /// Refuses a body that would have to be decoded first: its bound counts the bytes that arrive.
    ///
    /// - Throws: `Problem` 415.
    func checkContentEncoding() throws(Problem) {
        guard let codings = value(of: .contentEncoding) else { return }
        for coding in codings.split(separator: ",")
        where String(coding).trimmingSpaces.lowercased() != "identity" {
            throw .unsupportedEncoding
        }
    }
}
