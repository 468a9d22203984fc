import Glibc
import TestSupport

/// The real program beside the benchmark, on a folder of YAML files and a state on disk.
final class BenchSidecar: Sendable {
    static let token = "token-of-the-benchmark"

    let folder: BenchFolder
    private let process: SidecarProcess
    let port: Int
    let adminPort: Int

    /// - Parameter subscriptions: YAML documents.
    static func start(
        _ subscriptions: String, folder: BenchFolder? = nil, arguments: [String] = []
    ) async throws -> BenchSidecar {
        let folder = try folder ?? BenchFolder()
        try folder.write(base + subscriptions, to: "config/all.yaml")
        return try await BenchSidecar(folder, arguments)
    }

    private init(_ folder: BenchFolder, _ arguments: [String]) async throws {
        self.folder = folder
        process = try SidecarProcess(
            [
                "--dir", folder.appending("config"), "--state", folder.appending("state.db"), "--allow-http",
                "--allow-network", "127.0.0.0/8", "--log-format", "json", "--log-level", "notice",
            ] + arguments, in: folder.path,
            environment: ["BENCH_SIGNING": "a-secret-for-the-signatures", "BENCH_TOKEN": Self.token])
        try await process.log.line(with: "\"message\":\"configuration is live\"")
        port = try await process.port
        adminPort = try await process.adminPort
    }

    private static let base = """
        apiVersion: sync.zentra.dev/v1
        kind: SecretReference
        metadata: {name: signing}
        spec: {from: {env: BENCH_SIGNING}}
        ---
        apiVersion: sync.zentra.dev/v1
        kind: SecretReference
        metadata: {name: token}
        spec: {from: {env: BENCH_TOKEN}}
        ---
        apiVersion: sync.zentra.dev/v1
        kind: ApiToken
        metadata: {name: bench}
        spec: {secretRef: token, scopes: [admin]}

        """

    /// A subscription to everything.
    static func subscription(_ name: String, to url: String, more: String = "suspend: false") -> String {
        """
        ---
        apiVersion: sync.zentra.dev/v1
        kind: Subscription
        metadata: {name: \(name)}
        spec:
          targetURL: \(url)
          events: [ticket.created]
          signing: {secretRef: signing}
          \(more)

        """
    }

    /// Replaces the configuration and returns when it is live.
    func configure(_ subscriptions: String) async throws {
        try folder.write(Self.base + subscriptions, to: "config/all.yaml")
        let known = process.log.all.count
        process.signal(SIGHUP)
        try await process.log.line(with: "\"message\":\"configuration is live\"", from: known)
    }

    /// The sum of a metric over its series, or over those with a label.
    func metric(_ name: String, with label: String = "") async throws -> Double {
        let text = try await HTTPExchange.get("/metrics", port: adminPort).text
        return text.split(separator: "\n").filter {
            ($0.hasPrefix("zentra_sync_\(name){") || $0.hasPrefix("zentra_sync_\(name) "))
                && (label.isEmpty || $0.contains(label))
        }
        .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
    }

    /// Returns when nothing is pending: every result is durable.
    func settled() async throws {
        while true {
            let pending = try await metric("pending_deliveries")
            guard pending > 0 else { return }
            // What is left at the end is done within milliseconds, and counts.
            try await Task.sleep(for: .milliseconds(pending > Self.fewPending ? 20 : 1))
        }
    }

    private static let fewPending = 1000.0

    /// User and system CPU so far, in seconds.
    var cpuSeconds: Double {
        get async throws {
            let text = try await HTTPExchange.get("/metrics", port: adminPort).text
            let line = text.split(separator: "\n").first { $0.hasPrefix("process_cpu_seconds_total ") }
            return line?.split(separator: " ").last.flatMap { Double($0) } ?? 0
        }
    }

    /// The most memory that was resident at a time, in MiB.
    var peakMemory: Double { Self.status(of: process.id, "VmHWM:") / 1024 }

    /// What is resident now, in MiB.
    var memory: Double { Self.status(of: process.id, "VmRSS:") / 1024 }

    /// Bytes of the state and its log.
    var stateBytes: Int {
        ["state.db", "state.db-wal"].reduce(0) { total, name in
            var status = stat()
            return total + (stat(folder.appending(name), &status) == 0 ? Int(status.st_size) : 0)
        }
    }

    func stop() async throws {
        guard await process.stop() == 0 else {
            throw BenchmarkFailure(
                "the sidecar failed:\n\(process.log.all.suffix(5).joined(separator: "\n"))")
        }
    }

    func kill() async { await process.kill() }

    private static func status(of process: Int32, _ field: String) -> Double {
        guard let file = fopen("/proc/\(process)/status", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, 256, file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            guard text.hasPrefix(field) else { continue }
            return Double(text.split(whereSeparator: { " \t".contains($0) })[1]) ?? 0
        }
        return 0
    }
}
