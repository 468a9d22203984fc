import Glibc
import OutboundHTTP

/// The addresses of the machine's interfaces.
enum MachineAddresses {
    static func current() -> Set<IPAddress> {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        return Set(
            sequence(first: list, next: { $0?.pointee.ifa_next }).prefix { $0 != nil }.compactMap { entry in
                entry?.pointee.ifa_addr.flatMap(text).flatMap { IPAddress($0) }
            })
    }

    private static func text(_ address: UnsafeMutablePointer<sockaddr>) -> String? {
        let size: socklen_t
        switch Int32(address.pointee.sa_family) {
        case AF_INET: size = socklen_t(MemoryLayout<sockaddr_in>.size)
        case AF_INET6: size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        default: return nil
        }
        var bytes = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard getnameinfo(address, size, &bytes, socklen_t(bytes.count), nil, 0, NI_NUMERICHOST) == 0 else {
            return nil
        }
        let text = String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        // A link-local address comes with its zone.
        return text.split(separator: "%").first.map(String.init)
    }
}
