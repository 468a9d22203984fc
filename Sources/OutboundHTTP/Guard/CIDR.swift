/// A range of addresses that share a prefix, such as `10.0.0.0/8` (RFC 4632, RFC 4291 section 2.3).
package struct CIDR: Hashable, Sendable, CustomStringConvertible {
    package let network: IPAddress
    package let length: Int

    /// - Throws: `OutboundError` for anything but `ADDRESS/LENGTH` with all bits after the prefix zero.
    package init(parsing text: some StringProtocol) throws {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let network = IPAddress(parts[0]), let length = Self.length(parts[1]),
            length <= network.width
        else { throw OutboundError(.network, "cannot read `\(text)` as a network: write `ADDRESS/LENGTH`") }
        self.init(network: network, length: length)
        guard self.network == network else {
            throw OutboundError(.network, "`\(text)` has bits set after its prefix: did you mean `\(self)`")
        }
    }

    /// The network of that length that holds `network`.
    package init(network: IPAddress, length: Int) {
        precondition((0...network.width).contains(length))
        self.network = Self.masked(network, length)
        self.length = length
    }

    /// Whether it names exactly one address.
    package var isSingleAddress: Bool { length == network.width }

    package func contains(_ address: IPAddress) -> Bool {
        address.width == network.width && Self.masked(address, length) == network
    }

    package var description: String { "\(network)/\(length)" }

    private static func masked(_ address: IPAddress, _ length: Int) -> IPAddress {
        switch address {
        case .v4(let bits): .v4(bits & ~(UInt32.max >> length))
        case .v6(let bits): .v6(bits & ~(UInt128.max >> length))
        }
    }

    private static func length(_ digits: some StringProtocol) -> Int? {
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return Int(digits).flatMap { String($0) == digits ? $0 : nil }
    }
}

extension CIDR: ExpressibleByStringLiteral {
    /// For networks in source text; an unreadable one is a programmer's error.
    package init(stringLiteral text: String) {
        do { try self.init(parsing: text) } catch { preconditionFailure("\(error)") }
    }
}
