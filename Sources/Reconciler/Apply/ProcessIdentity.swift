import Glibc
package import Store

extension Lease.Holder {
    /// This process.
    ///
    /// - Parameter owner: what it does, for the person who reads `status`: `run`, `apply`.
    package static func thisProcess(owner: String) -> Lease.Holder {
        Lease.Holder(owner: owner, host: hostName, process: getpid(), bootID: bootID)
    }

    private static var hostName: String {
        var bytes = [CChar](repeating: 0, count: 256)
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return "localhost" }
        return String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Empty where the kernel does not tell; a dead holder's lease then has to expire.
    private static var bootID: String {
        let file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(file, &bytes, bytes.count)
        return String(
            decoding: bytes.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    /// Whether a process id belongs to a running process of this host.
    package static let isAlive: @Sendable (Int32) -> Bool = { process in
        kill(process, 0) == 0 || errno == EPERM
    }
}
