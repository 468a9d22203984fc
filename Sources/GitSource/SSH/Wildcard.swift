/// OpenSSH's patterns (ssh_config(5), PATTERNS): `*` stands for any text, `?` for one character.
enum Wildcard {
    /// Takes time proportional to the product of the lengths, whatever the pattern.
    static func matches(_ pattern: some StringProtocol, _ text: some StringProtocol) -> Bool {
        let (pattern, text) = (Array(pattern.utf8), Array(text.utf8))
        var (p, t) = (0, 0)
        var retry: (p: Int, t: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                retry = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == UInt8(ascii: "?") || pattern[p] == text[t] {
                (p, t) = (p + 1, t + 1)
            } else if let (starP, starT) = retry {
                // The last star takes one character more.
                retry = (starP, starT + 1)
                (p, t) = (starP + 1, starT + 1)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
