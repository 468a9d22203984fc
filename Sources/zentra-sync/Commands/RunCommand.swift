import ArgumentParser
import Glibc
import Log
import Logging
import OutboundHTTP
import Reconciler
import Runtime
import Store

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "The sidecar: sync loop, delivery, inbound webhooks, workflows, API, dashboard.",
        discussion: "Every option has an environment variable: --git-timeout is ZENTRA_SYNC_GIT_TIMEOUT.")

    @OptionGroup var source: SourceOptions
    @OptionGroup var state: StateOptions

    @Option(
        help: ArgumentHelp("The public listener: inbound webhooks, API, probes.", valueName: "host:port"))
    var listen = ListenAddress(host: "127.0.0.1", port: 8080)

    @Option(
        help: ArgumentHelp(
            "The listener for operators: dashboard, metrics, probes.", valueName: "host:port"))
    var adminListen = ListenAddress(host: "127.0.0.1", port: 9090)

    @Option(
        help: ArgumentHelp(
            "The certificate chain of --listen, PEM; read again when it changes.", valueName: "file"),
        completion: .file())
    var tlsCertificateFile: String?

    @Option(help: ArgumentHelp("Its key, PEM.", valueName: "file"), completion: .file())
    var tlsKeyFile: String?

    @Option(
        help: ArgumentHelp(
            "Proxies in front of --listen whose X-Forwarded-For is believed; repeatable.", valueName: "cidr"))
    var trustedProxy: [String] = []

    @Option(
        help: ArgumentHelp(
            "Between two looks at the repository, ± 10 %; failures back off to 15 min.",
            valueName: "duration"))
    var interval = DurationArgument(.seconds(30))

    @Option(
        help: ArgumentHelp(
            "Where this process is reached from outside; needed for the callback URLs of workflows.",
            valueName: "url"))
    var publicUrl: PublicURL?

    @Flag(help: "One sync, then exit.")
    var once = false

    @Option(help: "What a commit gets that does not descend from the applied one: hold or accept.")
    var history = HistoryPolicy.hold

    @Option(
        help: ArgumentHelp(
            "The secret that git hosts sign push webhooks with; enables POST /api/v1/sync/push.",
            valueName: "file"), completion: .file())
    var pushSecretFile: String?

    @Option(
        help: ArgumentHelp(
            "A token of GitHub or GitLab; enables commit status.", valueName: "file"), completion: .file())
    var statusTokenFile: String?

    @Option(
        help: ArgumentHelp(
            "The API of a git host of your own: https://host/api/v4 (GitLab), https://host/api/v3 (GitHub).",
            valueName: "url"))
    var statusApi: String?

    @Option(
        help: ArgumentHelp(
            "Folders that secret files must be in; repeatable. Default: any absolute path.", valueName: "dir"),
        completion: .directory)
    var secretsDir: [String] = []

    @Option(
        help: ArgumentHelp(
            "A range of addresses that receivers may have although it is not public; repeatable.",
            valueName: "cidr"))
    var allowNetwork: [String] = []

    @Flag(help: "Allow receivers with plain http: URLs.")
    var allowHttp = false

    @Option(
        help: ArgumentHelp(
            "A proxy for outgoing requests, `http://[user:password@]host:port`; it is then trusted to guard addresses.",
            valueName: "url"))
    var proxy: String?

    @Option(
        help: ArgumentHelp(
            "Deliveries that may be pending, over all subscriptions; beyond it intake answers 503.",
            valueName: "n"))
    var maxPending = 10_000_000

    @Option(help: ArgumentHelp("Outgoing requests at a time.", valueName: "n"))
    var maxInFlight = 256

    @Option(help: ArgumentHelp("The largest body of an API request.", valueName: "size"))
    var maxBody = SizeArgument(1 << 20)

    @Option(
        help: ArgumentHelp(
            "How long events, finished deliveries and finished runs are kept.", valueName: "duration"))
    var retention = DurationArgument(.seconds(7 * 86_400))

    @Option(
        help: ArgumentHelp(
            "How long requests under way may take to finish when the process is told to end.",
            valueName: "duration"))
    var shutdownTimeout = DurationArgument(.seconds(30))

    @Option(help: "text or json; default: text on a terminal, else json.")
    var logFormat: LogForm?

    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel = LogLevel.info

    func validate() throws {
        do { _ = try SyncSchedule(interval: interval.duration) } catch {
            throw ValidationError("--interval: \(error)")
        }
        guard retention.duration > .zero else { throw ValidationError("--retention is longer than zero") }
        guard maxInFlight > 0 else { throw ValidationError("--max-in-flight is at least 1") }
        if statusApi != nil && statusTokenFile == nil {
            throw ValidationError("--status-api goes with --status-token-file")
        }
        if statusTokenFile != nil && source.repo == nil {
            throw ValidationError("--status-token-file goes with --repo")
        }
        guard maxPending > 0 else { throw ValidationError("--max-pending is at least 1") }
        do { _ = try proxy.map { try OutboundProxy($0) } } catch {
            throw ValidationError("--proxy: \(error)")
        }
        guard (tlsCertificateFile == nil) == (tlsKeyFile == nil) else {
            throw ValidationError("--tls-certificate-file and --tls-key-file go together")
        }
        for network in trustedProxy {
            do { _ = try CIDR(parsing: network) } catch { throw ValidationError("--trusted-proxy: \(error)") }
        }
        for network in allowNetwork {
            do { _ = try CIDR(parsing: network) } catch { throw ValidationError("--allow-network: \(error)") }
        }
    }

    func run() async throws {
        // One that comes before the loop runs asks for the round that comes anyway.
        signal(SIGHUP, SIG_IGN)
        let form = logFormat ?? (isatty(STDERR_FILENO) == 1 ? .text : .json)
        let level = logLevel.level
        let writer = try SidecarLog.start(form)
        LoggingSystem.bootstrap { _ in LineLogHandler(form: form, level: level, writer: writer) }
        try await Sidecar(self, writer).run()
    }
}

/// `--history`.
enum HistoryPolicy: String, CaseIterable, ExpressibleByArgument {
    case hold, accept
}

extension LogForm: ExpressibleByArgument {}

/// `--log-level`.
enum LogLevel: String, CaseIterable, ExpressibleByArgument {
    case trace, debug, info, notice, warning, error, critical

    var level: Logger.Level {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }
}
