import JSON
import Logging
import NIOPosix
import OutboundHTTP
import Reconciler
import Resources
import Runtime
import ServiceLifecycle
import Store

/// Tells the git host what became of each commit: pending, success, or failure with the reason.
///
/// Reports wait in a short queue, so a host that does not answer never holds up the sync loop; what is lost is a status,
/// and the next round that finds something else sends another one.
final class CommitStatusReporter: Service {
    private let host: StatusHost
    private let tokenFile: String
    private let name: String
    private let clock: any WallClock
    private let logger: Logger
    private let client: OutboundClient
    private let reports: AsyncStream<CommitReport>
    private let input: AsyncStream<CommitReport>.Continuation

    private static let attempts = 4
    private static let timeout = Duration.seconds(10)

    /// - Parameters:
    ///   - tokenFile: read again for every status.
    ///   - environment: of the sidecar; part of the status's name.
    init(
        host: StatusHost, tokenFile: String, environment: String?, clock: any WallClock = SystemClock(),
        logger: Logger
    ) throws {
        self.host = host
        self.tokenFile = tokenFile
        self.clock = clock
        self.logger = logger
        name = "zentra-sync" + (environment.map { "/\($0)" } ?? "")
        // The operator chose the host; a token goes in clear text to this machine only.
        let isLocal = try ["127.0.0.1", "[::1]", "localhost"].contains(OutboundTarget(host.api).host.text)
        guard host.api.hasPrefix("https://") || isLocal else {
            throw Failure("the token for \(host.api) would be sent in clear text", hint: "use https://")
        }
        client = OutboundClient(
            group: MultiThreadedEventLoopGroup.singleton,
            policy: AddressPolicy(allowedNetworks: ["0.0.0.0/0", "::/0"], allowsPlainHTTP: isLocal),
            tls: try TLSProfile())
        (reports, input) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(16))
    }

    /// Sends the report soon; never waits.
    func report(_ report: CommitReport) { input.yield(report) }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Hosts bound how many statuses a commit may have, so the same one is not sent twice.
            var last: [String: CommitReport] = [:]
            for await report in self.reports {
                if let last = last[report.commit], report.saysNothingNew(after: last) { continue }
                if last.count > 100 { last = [:] }
                if await self.send(report) { last[report.commit] = report }
            }
        }
        await client.shutdown(grace: .zero)
    }

    /// Sends what is left, for a process that ends after one round.
    func flush() async throws {
        input.finish()
        try await run()
    }

    /// True when the host took it.
    private func send(_ report: CommitReport) async -> Bool {
        var problem = ""
        for attempt in 0..<Self.attempts {
            if attempt > 0 {
                do { try await clock.sleep(for: .seconds(1 << attempt)) } catch { return false }
            }
            switch await post(report) {
            case .sent: return true
            case .refused(let reason):
                warn(report, reason)
                return false
            case .again(let reason): problem = reason
            }
        }
        warn(report, problem)
        return false
    }

    private func warn(_ report: CommitReport, _ reason: String) {
        logger.warning(
            "cannot send the commit status: \(reason)",
            metadata: ["commit": "\(report.commit)", "state": "\(report.state.rawValue)"])
    }

    private enum Answer {
        case sent
        /// The same request would be refused again.
        case refused(String)
        case again(String)
    }

    private func post(_ report: CommitReport) async -> Answer {
        let request: OutboundRequest
        do {
            request = try self.request(report)
        } catch {
            return .refused("\(error)")
        }
        do {
            switch try await client.execute(request) {
            case .failure(let failure): return .again(failure.message)
            case .response(let response):
                switch response.status {
                case 200..<300: return .sent
                // GitLab answers 409 while it works on another status of the commit.
                case 408, 409, 425, 429, 500...: return .again("the host answered \(response.status)")
                default: return .refused("the host answered \(response.status)")
                }
            }
        } catch {
            return .again("\(error)")
        }
    }

    private func request(_ report: CommitReport) throws -> OutboundRequest {
        let token = try SecretReader(folders: nil).read(.file(tokenFile)).get()
        let text = token.withBytes { String(decoding: $0, as: UTF8.self) }
        let headers =
            host.headers(token: text) + [
                ("Content-Type", "application/json"), ("User-Agent", "zentra-sync/\(Version.current)"),
            ]
        let template = RequestTemplate(
            method: .post, target: try OutboundTarget(host.url(commit: report.commit)),
            headers: try RequestHeaders(headers))
        return template.request(
            body: host.body(report, name: name).utf8, bodyLimit: 64 << 10,
            timeout: Self.timeout, isRepeatable: true)
    }
}

extension CommitReport {
    /// A round that only looks again tells nothing about a commit, nor does one that finds it live as before.
    fileprivate func saysNothingNew(after last: CommitReport) -> Bool {
        switch state {
        case .pending where description.hasPrefix("held"): self == last
        case .pending: true
        case .success: last.state == .success
        case .failure: self == last
        }
    }
}
