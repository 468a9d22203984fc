import NIOCore

/// Turns a host name into addresses: the boundary to the operating system or, in tests, to a script.
package protocol AddressResolver: Sendable {
    /// Looks up A and AAAA records. Numbers never come here.
    ///
    /// - Parameter completion: called exactly once, on any thread. The order is the order of preference.
    func resolve(
        _ name: String, completion: @escaping @Sendable (Result<[IPAddress], ResolutionError>) -> Void)

    /// Ends the resolver's own threads; nothing is resolved afterwards.
    func shutdown() async
}

/// Why a name has no addresses.
package struct ResolutionError: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
