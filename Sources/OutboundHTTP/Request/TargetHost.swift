/// The host of a URL: an address literal, or a name that only a resolver turns into addresses.
package enum TargetHost: Hashable, Sendable {
    case address(IPAddress)
    /// Lower-case ASCII; a final dot (an absolute name, which search domains do not apply to) is kept.
    case name(String)

    /// Reads the host of an authority. No spelling of an address is left to a resolver's guesses: a name
    /// whose last label is a number (`2130706433`, `0x7f.1`, `127.0.0.1.`) must be exactly four decimal
    /// numbers.
    ///
    /// - Throws: `OutboundError`.
    init(parsing text: some StringProtocol) throws {
        if text.first == "[" {
            self = .address(try Self.bracketed(text.dropFirst()))
        } else if Self.endsInNumber(text) {
            guard let address = IPAddress(text) else {
                let (what, hint) = (
                    "is not an IPv4 address", "write four decimal numbers without leading zeros"
                )
                throw OutboundError(.url, "`\(text)` \(what): \(hint)", discreet: "the host \(what): \(hint)")
            }
            self = .address(address)
        } else {
            self = .name(try Self.checkedName(text))
        }
    }

    /// As it stands in a URL and in the `Host` header.
    package var text: String {
        switch self {
        case .address(.v4(let bits)): IPAddress.v4(bits).description
        case .address(let address): "[\(address)]"
        case .name(let name): name
        }
    }

    /// The name for SNI and for the check of the certificate; `nil` for an address, which the certificate
    /// must hold itself.
    var serverName: String? {
        guard case .name(let name) = self else { return nil }
        return name.hasSuffix(".") ? String(name.dropLast()) : name
    }

    private static func bracketed(_ rest: some StringProtocol) throws -> IPAddress {
        guard rest.last == "]" else { throw OutboundError(.url, "the `[` of an IPv6 address is not closed") }
        let inner = rest.dropLast()
        if inner.contains("%") { throw OutboundError(.url, "an IPv6 zone id is not allowed in a URL") }
        guard inner.contains(":"), let address = IPAddress(inner) else {
            throw OutboundError(
                .url, "`[\(inner)]` is not an IPv6 address", discreet: "the host is not an IPv6 address")
        }
        return address
    }

    /// Whether resolvers of the `inet_aton` family would take the text for a number.
    private static func endsInNumber(_ text: some StringProtocol) -> Bool {
        let labels = text.split(separator: ".")
        guard let last = labels.last else { return false }
        if last.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) { return true }
        return last.lowercased().hasPrefix("0x") && last.dropFirst(2).allSatisfy(\.isHexDigit)
    }

    /// A host name by RFC 1123, with the underscore that many private names hold.
    private static func checkedName(_ text: some StringProtocol) throws -> String {
        guard text.utf8.allSatisfy({ $0 < 128 }) else {
            let hint = "write its `xn--` form"
            throw OutboundError(
                .url, "the host `\(text)` is not ASCII: \(hint)", discreet: "the host is not ASCII: \(hint)")
        }
        let name = text.lowercased()
        var labels = name.split(separator: ".", omittingEmptySubsequences: false)
        if labels.count > 1, labels.last == "" { labels.removeLast() }
        guard name.utf8.count <= 253, labels.allSatisfy(isLabel) else {
            throw OutboundError(
                .url, "`\(text)` is not a host name", discreet: "the host is not a host name")
        }
        return name
    }

    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
            && label.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "-"), UInt8(ascii: "_"): true
                default: false
                }
            }
    }
}
