import NIOCore
import NIOPosix
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The operating system's resolver (`getaddrinfo`: hosts file, DNS, search domains), which blocks and
/// therefore has a few threads of its own.
///
/// A dead name server holds a thread for as long as the system waits; callers give up at their own deadline.
/// What waits is bounded, and one name waits once however many ask for it.
package final class SystemResolver: AddressResolver {
    private typealias Completion = @Sendable (Result<[IPAddress], ResolutionError>) -> Void

    private let threads: NIOThreadPool
    private let maxWaitingNames: Int
    private let waiting = Mutex<[String: [Completion]]>([:])

    /// - Parameters:
    ///   - threads: how many names are looked up at a time.
    ///   - maxWaitingNames: beyond it a lookup fails at once.
    package init(threads: Int = 8, maxWaitingNames: Int = 1024) {
        self.threads = NIOThreadPool(numberOfThreads: threads)
        self.maxWaitingNames = maxWaitingNames
        self.threads.start()
    }

    package func resolve(
        _ name: String, completion: @escaping @Sendable (Result<[IPAddress], ResolutionError>) -> Void
    ) {
        let admission = waiting.withLock { waiting -> Admission in
            if waiting[name] != nil {
                waiting[name]?.append(completion)
                return .joined
            }
            guard waiting.count < maxWaitingNames else { return .refused }
            waiting[name] = [completion]
            return .first
        }
        switch admission {
        case .joined: break
        case .refused:
            completion(.failure(ResolutionError("more than \(maxWaitingNames) names wait to be resolved")))
        case .first: threads.submit { state in self.lookUp(name, isCancelled: state == .cancelled) }
        }
    }

    package func shutdown() async {
        await withCheckedContinuation { continuation in
            threads.shutdownGracefully { _ in continuation.resume() }
        }
    }

    private enum Admission { case first, joined, refused }

    private func lookUp(_ name: String, isCancelled: Bool) {
        let result =
            isCancelled ? .failure(ResolutionError("the resolver is shut down")) : Self.addresses(of: name)
        let completions = waiting.withLock { $0.removeValue(forKey: name) } ?? []
        for completion in completions { completion(result) }
    }

    private static func addresses(of name: String) -> Result<[IPAddress], ResolutionError> {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        #if canImport(Glibc)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name, nil, &hints, &list)
        guard code == 0 else {
            return .failure(ResolutionError("cannot resolve `\(name)`: \(message(code))"))
        }
        defer { freeaddrinfo(list) }
        let addresses = sequence(first: list, next: { $0?.pointee.ai_next }).prefix { $0 != nil }.compactMap(
            address)
        guard !addresses.isEmpty else { return .failure(ResolutionError("`\(name)` has no addresses")) }
        return .success(addresses)
    }

    private static func message(_ code: CInt) -> String {
        gai_strerror(code).map { String(cString: $0).lowercased() } ?? "error \(code)"
    }

    /// The address lies behind family and port, and in IPv6 behind the flow label too, on every system.
    private static func address(_ entry: UnsafeMutablePointer<addrinfo>?) -> IPAddress? {
        guard let entry = entry?.pointee, let socketAddress = UnsafeRawPointer(entry.ai_addr) else {
            return nil
        }
        let bytes = UnsafeRawBufferPointer(start: socketAddress, count: Int(entry.ai_addrlen))
        switch entry.ai_family {
        case AF_INET: return IPAddress(bytes: bytes.dropFirst(4).prefix(4))
        case AF_INET6: return IPAddress(bytes: bytes.dropFirst(8).prefix(16))
        default: return nil
        }
    }
}
