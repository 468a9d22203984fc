import Foundation
import Glibc
import Synchronization

/// A listening TCP socket on a free port of the loopback interface; each connection gets a thread.
package final class LoopbackListener: Sendable {
    package let port: Int
    private let descriptor: Int32
    private let connections = Mutex<Set<Int32>>([])

    /// - Parameter serve: called on a thread of its own with a connected socket, which is closed afterwards.
    package init(_ serve: @escaping @Sendable (Int32) -> Void) throws {
        (descriptor, port) = try Self.listen()
        let descriptor = descriptor
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { return }
                _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
                guard let self else {
                    close(connection)
                    return
                }
                self.start(connection, serve)
            }
        }
    }

    /// A port that is free right now, for servers that open it themselves.
    package static func freePort() throws -> Int {
        let (descriptor, port) = try listen()
        close(descriptor)
        return port
    }

    private func start(_ connection: Int32, _ serve: @escaping @Sendable (Int32) -> Void) {
        _ = connections.withLock { $0.insert(connection) }
        Thread.detachNewThread { [weak self] in
            serve(connection)
            _ = self?.connections.withLock { $0.remove(connection) }
            close(connection)
        }
    }

    deinit {
        // Wakes the threads that wait for the other side.
        connections.withLock { for connection in $0 { shutdown(connection, Int32(SHUT_RDWR)) } }
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    private static func listen() throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && Glibc.listen(descriptor, 64) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        guard descriptor >= 0, code else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// Whether `::1` is there; in some containers it is not.
    package static var hasIPv6: Bool {
        let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_addr = in6addr_loopback
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size)) == 0
            }
        }
    }

    /// Connects to a port of the loopback interface; nil when nobody listens there.
    package static func connect(port: Int) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(port: port)
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if code == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
