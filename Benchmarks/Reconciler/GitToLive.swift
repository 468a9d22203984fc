import Glibc
import TestSupport

/// One changed file, from a commit in a git repository to what the sidecar runs: fetch in a child process, plan, apply, and
/// the switch of the runtime, with the real program.
enum GitToLive {
    static let name = "one changed file, from git to live"
    static let sizes = [1_000, 10_000]
    private static let rounds = 7

    /// The median in milliseconds.
    static func milliseconds(size: Int) async throws -> Double {
        let repository = try await TestRepository()
        try await repository.git("fast-import", "--quiet", input: stream(size))
        let folder = try TestFolder()
        let sidecar = try SidecarProcess(
            ["--repo", repository.path, "--interval", "1h"], in: folder.path, environment: ["KEY": "a-key"])
        try await live(1, sidecar)
        var times: [Double] = []
        for round in 2...(rounds + 2) {
            try await repository.push(
                "Change", file: "s0.yaml", text: ReconcilerBenchmarks.subscription(0, url: "v\(round)"))
            // Asked more often, the loop looks once a second.
            try await Task.sleep(for: .milliseconds(1100))
            let began = ContinuousClock.now
            sidecar.signal(SIGHUP)
            try await live(round, sidecar)
            let (seconds, attoseconds) = (ContinuousClock.now - began).components
            times.append(Double(seconds) * 1e3 + Double(attoseconds) / 1e15)
        }
        guard await sidecar.stop() == 0 else { throw BenchmarkFailure("the sidecar failed") }
        // The first one reads what the start has left unread.
        return times.dropFirst().sorted()[rounds / 2]
    }

    private static func live(_ serial: Int, _ sidecar: SidecarProcess) async throws {
        try await sidecar.log.line(
            with: "\"message\":\"configuration is live\"", "\"serial\":\"\(serial)\"")
    }

    /// A commit of a secret and of subscriptions with it, each in a file of its own.
    private static func stream(_ size: Int) -> String {
        var stream = "commit refs/heads/main\ncommitter Bench <bench@example.com> 1700000000 +0000\n"
        stream += "data 4\nmany\n"
        func add(_ file: String, _ text: String) {
            stream += "M 100644 inline \(file)\ndata \(text.utf8.count)\n\(text)\n"
        }
        add("key.yaml", ReconcilerBenchmarks.secret)
        for number in 0..<size {
            add("s\(number).yaml", ReconcilerBenchmarks.subscription(number, url: "v1"))
        }
        return stream
    }
}
