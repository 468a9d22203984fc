/// A socket on which this process itself listens: a request to it could forge what only the operator may
/// send.
package struct OwnListener: Hashable, Sendable {
    /// `0.0.0.0` or `::` stands for every address of the machine.
    package let address: IPAddress
    package let port: Int

    package init(address: IPAddress, port: Int) {
        self.address = address
        self.port = port
    }

    /// Whether a connection to `address` would end here, where `machine` are the addresses of its interfaces.
    ///
    /// Connecting to the unspecified address reaches loopback, and an IPv6 wildcard socket takes IPv4 too.
    func answers(_ candidate: IPAddress, port: Int, machine: Set<IPAddress>) -> Bool {
        guard port == self.port else { return false }
        if address.isUnspecified { return candidate.isLocal(to: machine) }
        return candidate == address || candidate.isUnspecified && address.addressClass == .loopback
    }
}

extension IPAddress {
    fileprivate func isLocal(to machine: Set<IPAddress>) -> Bool {
        addressClass == .loopback || isUnspecified || machine.contains(self)
    }
}
