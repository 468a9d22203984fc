/// Which addresses and schemes requests may use. Pure: it also serves to warn when a configuration is
/// validated.
package struct AddressPolicy: Sendable, Hashable {
    /// Ranges that are open although they are not public (`--allow-network`).
    package var allowedNetworks: [CIDR]
    /// Whether `http:` may be used without TLS (`--allow-http`).
    package var allowsPlainHTTP: Bool
    /// Sockets of this process; open only to a network that is exactly their address.
    package var ownListeners: [OwnListener]
    /// The addresses of the machine's interfaces, which a listener on `0.0.0.0` or `::` also has.
    package var machineAddresses: Set<IPAddress>

    package init(
        allowedNetworks: [CIDR] = [], allowsPlainHTTP: Bool = false, ownListeners: [OwnListener] = [],
        machineAddresses: Set<IPAddress> = []
    ) {
        self.allowedNetworks = allowedNetworks
        self.allowsPlainHTTP = allowsPlainHTTP
        self.ownListeners = ownListeners
        self.machineAddresses = machineAddresses
    }

    /// Why a target is refused before any name is resolved, or `nil`: plain HTTP, or an address literal.
    package func objection(to target: OutboundTarget) -> Objection? {
        if target.scheme == .http, !allowsPlainHTTP { return .plainHTTP }
        guard case .address(let address) = target.host else { return nil }
        return objection(to: address, port: target.port)
    }

    /// Why none of a name's addresses may be used, or `nil`: one that is refused taints the others.
    package func objection(to addresses: [IPAddress], port: Int) -> Objection? {
        for address in addresses {
            if let objection = objection(to: address, port: port) { return objection }
        }
        return nil
    }

    /// Why a connection to an address is refused, or `nil`.
    package func objection(to address: IPAddress, port: Int) -> Objection? {
        if allowedNetworks.contains(CIDR(network: address, length: address.width)) { return nil }
        let reached = [address] + address.embeddedIPv4
        if reached.contains(where: { $0.addressClass == .metadata }) { return .address(address, .metadata) }
        if ownListeners.contains(where: { listener in
            reached.contains { listener.answers($0, port: port, machine: machineAddresses) }
        }) {
            return .ownListener(address, port: port)
        }
        if address.isPublic || allowedNetworks.contains(where: { $0.contains(address) }) { return nil }
        return .address(address, address.addressClass)
    }
}

extension AddressPolicy {
    /// What a policy has against a target.
    package enum Objection: Hashable, Sendable, CustomStringConvertible {
        case plainHTTP
        case address(IPAddress, AddressClass)
        case ownListener(IPAddress, port: Int)

        package var description: String {
            switch self {
            case .plainHTTP: "plain `http:` is not allowed"
            case .address(let address, let kind): Self.text(address, kind)
            case .ownListener(let address, let port):
                "`\(address)` port \(port) is a listener of this process"
            }
        }

        private static func text(_ address: IPAddress, _ kind: AddressClass) -> String {
            guard kind != .metadata else { return "`\(address)` reaches \(kind.phrase)" }
            let hidden = address.embeddedIPv4.first { !$0.isPublic }
            let suffix = hidden.map { " that embeds `\($0)`, \($0.addressClass.phrase)" } ?? ""
            return "`\(address)` is \(kind.phrase)\(suffix)"
        }
    }
}
