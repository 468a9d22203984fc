/// Addresses in the headers of mails.
enum MailAddress {
    /// How many recipients of a mail are kept.
    static let maximumCount = 100

    /// The addresses in a header field such as `From` or `To` (RFC 5322, section 3.4) that can be answered, each once.
    static func parse(_ value: String) -> [String] { usable(HeaderText.addresses(value)) }

    /// Those that can be answered of some addresses, one a line.
    static func usable(_ lines: String) -> [String] {
        var seen: Set<String> = []
        let addresses = lines.split(separator: "\n").map { String($0).trimmingSpaces }
        return Array(
            addresses.filter { isUsable($0) && seen.insert($0.lowercased()).inserted }.prefix(maximumCount))
    }

    private static func isUsable(_ address: String) -> Bool {
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty && address.utf8.count <= 320
            && address.unicodeScalars.allSatisfy {
                !$0.properties.isWhitespace && $0.value >= 0x20 && $0.value != 0x7F && $0 != "\u{FFFD}"
            }
            && !address.contains { "<>()[],;:\\\"".contains($0) }
    }
}
