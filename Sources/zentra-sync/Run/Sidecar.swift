import Glibc
import Log
import Logging
import NIOCore
import OutboundHTTP
import Reconciler
import Resources
import Runtime
import ServiceLifecycle
import Store
import Synchronization
import UnixSignals

/// Puts the process together that `run` is: the one place where the sync loop and the runtime meet.
struct Sidecar {
    private let options: RunCommand
    private let log: LogWriter
    private let logger = Logger(label: "zentra-sync")

    init(_ options: RunCommand, _ log: LogWriter) {
        self.options = options
        self.log = log
    }

    func run() async throws {
        let path = options.state.path
        try options.source.requireSource()
        let owner = RunLock.Owner(process: getpid(), host: hostName, startedAt: UnixTime.now().description)
        let store = try open(path, owner)
        do {
            try await run(store, options.source.source(beside: path))
        } catch {
            // What ended the process says more.
            do { try store.store.close() } catch let closing {
                logger.warning("cannot close the state", metadata: ["error": "\(closing)"])
            }
            throw error
        }
        try store.store.close()
    }

    private struct Opened {
        let store: Store
        let lock: RunLock
        let key: StateKey
        let owner: RunLock.Owner
    }

    private func open(_ path: StatePath, _ owner: RunLock.Owner) throws -> Opened {
        try Store.refuseForeign(path)
        let lock = try RunLock.take(path, owner: owner)
        let store = try Store.open(path, mode: .write, now: .now())
        return Opened(store: store, lock: lock, key: try StateKey.load(path, create: true), owner: owner)
    }

    private func run(_ opened: Opened, _ source: DesiredSource) async throws {
        let runtime = try WebhookRuntime(
            store: opened.store, key: opened.key, options: try runtimeOptions(), logger: logger)
        runtime.metrics.collect { [log] in
            [
                MetricFamily(
                    MetricRegistry.prefix + "missing_log_lines_total",
                    "Lines of the log that nobody took, or that could not be written.", .counter,
                    [.init(Double(log.missing))])
            ]
        }
        let reporter = try statusReporter(source)
        let synchronizer = Synchronizer(
            syncConfiguration, source: source, store: opened.store, holder: .thisProcess(owner: "run"),
            logger: logger,
            onApplied: { _ in runtime.configuration.nudge() }, onReport: { reporter?.report($0) })
        if options.once { return try await syncOnce(synchronizer, runtime, reporter) }
        let loop = SyncLoop(try SyncSchedule(interval: options.interval.duration)) {
            let outcome = await synchronizer.runOnce()
            // The next round may be asked for at any moment, and then ought to be quick.
            if !Task.isCancelled { source.makeReady() }
            return outcome
        }
        try await runtime.prepare()
        try await serve(opened, runtime, loop, reporter)
    }

    private var syncConfiguration: Synchronizer.Configuration {
        var configuration = Synchronizer.Configuration(
            rules: Version.current,
            safety: SafetyOptions(acceptsRewrittenHistory: options.history == .accept), appliedBy: "run")
        configuration.environment = options.source.environment.env
        return configuration
    }

    /// `--once`: an init container waits for its exit code.
    private func syncOnce(
        _ synchronizer: Synchronizer, _ runtime: WebhookRuntime, _ reporter: CommitStatusReporter?
    ) async throws {
        let outcome = await synchronizer.runOnce()
        try await reporter?.flush()
        try await runtime.close()
        switch outcome {
        case .upToDate, .applied: return
        case .held: throw ExitStatus.refused.end
        case .failed(let failure): throw Failure("cannot sync: \(failure.message)", hint: failure.hint)
        }
    }

    /// nil without --status-token-file.
    private func statusReporter(_ source: DesiredSource) throws -> CommitStatusReporter? {
        guard let file = options.statusTokenFile else { return nil }
        return try CommitStatusReporter(
            host: try StatusHost(repository: source.location, api: options.statusApi),
            tokenFile: AbsolutePath.of(file), environment: options.source.environment.env, logger: logger)
    }

    private func suspensionWatcher(_ store: Store, _ loop: SyncLoop) -> SuspensionWatcher {
        SuspensionWatcher(
            suspensions: { try await store.suspensions(now: $0) }, onChange: loop.triggerNow)
    }

    /// Empty without --push-secret-file.
    private func pushRoutes(_ loop: SyncLoop) -> [APIRoute] {
        guard let file = options.pushSecretFile else { return [] }
        if case .failure(let problem) = SecretReader(folders: nil).read(.file(AbsolutePath.of(file))) {
            logger.warning("push webhooks are answered with 503 until their secret can be read: \(problem)")
        }
        return PushRoutes(
            secretFile: AbsolutePath.of(file), clock: SystemClock(), onPush: loop.triggerNow
        ).all
    }

    private func serve(
        _ opened: Opened, _ runtime: WebhookRuntime, _ loop: SyncLoop, _ reporter: CommitStatusReporter?
    ) async throws {
        var owner = opened.owner
        owner.certificateFile = options.tlsCertificateFile.map(AbsolutePath.of)
        let announcement = Announcement(
            opened.lock, owner, host: options.listen.localHost, logger: logger)
        let actions = SyncActions(
            store: opened.store, trigger: loop.triggerNow, onApplied: runtime.configuration.nudge,
            receivers: { runtime.receivers }, logger: logger)
        let services =
            runtime.services(publicRoutes: actions.routes + pushRoutes(loop)) { isPublic, port in
                announcement.listening(isPublic: isPublic, port: port)
            } + [reporter].compactMap { $0 as (any Service)? } + [
                HangUpService(trigger: loop.triggerNow), suspensionWatcher(opened.store, loop), loop,
            ]
        var configuration = ServiceGroupConfiguration(
            // A listener that cannot have its place, or a loop that fails, ends the others as `SIGTERM` does: what is in
            // flight is finished, and nobody complains of being cut off.
            services: services.map {
                .init(
                    service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup)
            },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: quietLogger)
        configuration.maximumGracefulShutdownDuration = options.shutdownTimeout.duration
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch {
            try await runtime.close()
            throw explain(error, announcement)
        }
        try await runtime.close()
        if let unrecorded = runtime.unrecorded { throw explain(unrecorded) }
        logger.info("stopped")
    }

    private func explain(_ unrecorded: Unrecorded) -> Failure {
        Failure(
            "cannot record what became of \(Plural.count(unrecorded.results, "request")): \(unrecorded.reason)",
            hint: "when that is mended, the next start makes these requests again, with the ids they had")
    }

    /// The group's own lines hold whole services as text.
    private var quietLogger: Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return quiet
    }

    private func explain(_ error: any Error, _ announcement: Announcement) -> any Error {
        let reason: String
        switch error {
        case let error as IOError where error.errnoCode == EADDRINUSE: reason = "the port is in use"
        case let error as IOError: reason = String(cString: strerror(error.errnoCode))
        case is SocketAddressError.UnknownHost: reason = "there is no such host"
        default: return error
        }
        let listeners = [
            ("--listen", options.listen, announcement.hasPublic),
            ("--admin-listen", options.adminListen, announcement.hasAdmin),
        ].filter { !$0.2 }
        let places = listeners.map { "\($0.1.defaultValueDescription) (\($0.0))" }.joined(separator: " or ")
        return Failure(
            "cannot listen on \(places): \(reason)",
            hint: "choose another place with \(listeners.map(\.0).joined(separator: " or "))")
    }

    private func runtimeOptions() throws -> WebhookRuntime.Options {
        let listeners = [options.listen, options.adminListen]
        let policy = AddressPolicy(
            allowedNetworks: try options.allowNetwork.map { try CIDR(parsing: $0) },
            allowsPlainHTTP: options.allowHttp,
            ownListeners: listeners.compactMap(\.ownListener),
            machineAddresses: MachineAddresses.current())
        var listen = APIServer.Configuration(host: options.listen.host, port: options.listen.port)
        listen.identity = try identity()
        listen.trustedProxies = try options.trustedProxy.map { try CIDR(parsing: $0) }
        var runtime = WebhookRuntime.Options(
            listen: listen,
            adminListen: APIServer.Configuration(
                host: options.adminListen.host, port: options.adminListen.port),
            addressPolicy: policy, version: Version.current)
        runtime.secretFolders = options.secretsDir.isEmpty ? nil : options.secretsDir
        runtime.maxInFlight = options.maxInFlight
        runtime.openFiles = OpenFileLimit.raise()
        runtime.maxPending = options.maxPending
        runtime.proxy = try options.proxy.map { try OutboundProxy($0) }
        runtime.maxBody = options.maxBody.bytes
        runtime.publicURL = options.publicUrl?.text
        runtime.retention = options.retention.duration
        runtime.syncInterval = options.interval.duration
        return runtime
    }

    private func identity() throws -> ServerIdentity? {
        guard let certificate = options.tlsCertificateFile, let key = options.tlsKeyFile else { return nil }
        do {
            return try ServerIdentity(certificateFile: certificate, keyFile: key, logger: logger)
        } catch {
            throw Failure("cannot use TLS on --listen: \(error)")
        }
    }

    private var hostName: String {
        var bytes = [CChar](repeating: 0, count: 256)
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return "localhost" }
        return String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension ListenAddress {
    /// What receivers must not point at.
    fileprivate var ownListener: OwnListener? {
        let address = host == "localhost" ? "127.0.0.1" : host
        return IPAddress(address).map { OwnListener(address: $0, port: port) }
    }

    /// The host of a URL by which this machine reaches it.
    fileprivate var localHost: String {
        switch IPAddress(host) {
        case .v4(let bits): bits == 0 ? "127.0.0.1" : host
        case .v6(let bits): bits == 0 ? "[::1]" : "[\(host)]"
        case nil: host
        }
    }
}

/// Says where the process listens, in the log and for commands beside it.
private final class Announcement: Sendable {
    private let lock: RunLock
    private let owner: Mutex<RunLock.Owner>
    /// Of the public listener's URL.
    private let host: String
    private let logger: Logger
    private let ports = Mutex<(public: Int?, admin: Int?)>((nil, nil))

    var hasPublic: Bool { ports.withLock { $0.public != nil } }
    var hasAdmin: Bool { ports.withLock { $0.admin != nil } }

    init(_ lock: RunLock, _ owner: RunLock.Owner, host: String, logger: Logger) {
        self.lock = lock
        self.owner = Mutex(owner)
        self.host = host
        self.logger = logger
    }

    func listening(isPublic: Bool, port: Int) {
        logger.notice("listening", metadata: ["listener": isPublic ? "public" : "admin", "port": "\(port)"])
        ports.withLock { ports in
            if isPublic { ports.public = port } else { ports.admin = port }
        }
        guard isPublic else { return }
        let owner = owner.withLock { owner in
            owner.url = "\(owner.certificateFile == nil ? "http" : "https")://\(host):\(port)"
            return owner
        }
        do {
            try lock.describe(owner)
        } catch {
            logger.error("commands beside this process will not find it", metadata: ["error": "\(error)"])
        }
    }
}

/// `SIGHUP` syncs now.
private struct HangUpService: Service {
    let trigger: @Sendable () -> Void

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            for await _ in signals { trigger() }
        }
    }
}
