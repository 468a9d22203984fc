import Glibc

/// One line of an allowed_signers file (ssh-keygen(1), ALLOWED SIGNERS).
struct AllowedSigner {
    /// Who signs with the key, as the file says.
    let principals: String
    /// In wire format.
    let key: [UInt8]
    /// Patterns; nil for any.
    private var namespaces: Substring?
    /// Seconds since 1970.
    private var validAfter: Int64?
    private var validBefore: Int64?

    /// A line that cannot be honoured; its description says why.
    struct Invalid: Error, CustomStringConvertible {
        let description: String
    }

    init(_ line: Substring) throws(Invalid) {
        var fields = Self.fields(line)[...]
        guard let principals = fields.popFirst(), let second = fields.first else {
            throw Invalid(description: "it is not principals, options and a key")
        }
        self.principals = principals.filter { $0 != "\"" }
        let optionsAreGiven = !Self.isKeyType(second)
        if optionsAreGiven { fields = fields.dropFirst() }
        guard let type = fields.popFirst(), let text = fields.popFirst(), let key = Base64.decode(text.utf8),
            let parsed = SSHPublicKey(key), parsed.type == type
        else { throw Invalid(description: "its key is missing or damaged") }
        self.key = key
        if optionsAreGiven {
            for option in Self.split(second, at: ",") { try apply(option) }
        }
    }

    /// Why the signer may not sign for a purpose at a time; nil when it may.
    ///
    /// - Parameter time: seconds since 1970.
    func objection(namespace: String, time: Int64) -> String? {
        if let namespaces,
            !namespaces.split(separator: ",").contains(where: { Wildcard.matches($0, namespace) })
        {
            return "the key of `\(principals.printable)` may not sign in the namespace `\(namespace)`"
        }
        if let validAfter, time < validAfter {
            return "the key of `\(principals.printable)` was not valid yet"
        }
        if let validBefore, time > validBefore {
            return "the key of `\(principals.printable)` was not valid any more"
        }
        return nil
    }

    private mutating func apply(_ option: Substring) throws(Invalid) {
        let parts = option.split(separator: "=", maxSplits: 1)
        let value = parts.count == 2 ? parts[1].filter { $0 != "\"" }[...] : ""
        switch parts.first?.lowercased() {
        case "namespaces": namespaces = value
        case "valid-after": validAfter = try Self.time(value)
        case "valid-before": validBefore = try Self.time(value)
        case "cert-authority":
            throw Invalid(description: "`cert-authority` is not supported: list the signers' own keys")
        default: throw Invalid(description: "the option `\(option.description.printable)` is not known")
        }
    }

    private static func isKeyType(_ text: Substring) -> Bool {
        text.hasPrefix("ssh-") || text.hasPrefix("ecdsa-sha2-") || text.hasPrefix("sk-")
    }

    /// `YYYYMMDD[HHMM[SS]]`, in UTC with a `Z` at the end and else in local time.
    private static func time(_ text: Substring) throws(Invalid) -> Int64 {
        let isUTC = text.hasSuffix("Z")
        let digits = (isUTC ? text.dropLast() : text).utf8.map { Int32($0) - 48 }
        guard [8, 12, 14].contains(digits.count), digits.allSatisfy({ (0...9).contains($0) }) else {
            throw Invalid(description: "`\(text.description.printable)` is not a time")
        }
        let padded = digits + [Int32](repeating: 0, count: 14 - digits.count)
        func number(_ range: Range<Int>) -> Int32 { padded[range].reduce(0) { $0 * 10 + $1 } }
        var time = tm()
        (time.tm_year, time.tm_mon, time.tm_mday) = (number(0..<4) - 1900, number(4..<6) - 1, number(6..<8))
        (time.tm_hour, time.tm_min, time.tm_sec) = (number(8..<10), number(10..<12), number(12..<14))
        time.tm_isdst = -1
        return Int64(isUTC ? timegm(&time) : mktime(&time))
    }

    private static func fields(_ line: Substring) -> [Substring] {
        split(line, at: " ", "\t").filter { !$0.isEmpty }
    }

    /// Splits outside of double quotes.
    private static func split(_ text: Substring, at separators: Character...) -> [Substring] {
        var isQuoted = false
        return text.split(omittingEmptySubsequences: false) { character in
            if character == "\"" { isQuoted.toggle() }
            return !isQuoted && separators.contains(character)
        }
    }
}
