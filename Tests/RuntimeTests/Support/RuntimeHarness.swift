import Logging
import OutboundHTTP
import Resources
import Runtime
import ServiceLifecycle
import Store
import TestSupport

/// The whole runtime on free ports of the loopback, with a state in a folder of its own.
///
/// Configuration is YAML text that goes through the loader and an apply, as in production. Secrets are files, so that a
/// test can rotate one while the runtime runs.
final class RuntimeHarness: Sendable {
    let folder: TestFolder
    let store: Store
    let runtime: WebhookRuntime
    /// Of the public listener.
    let port: Int
    let adminPort: Int
    private let clock: any WallClock

    /// What a test may change before the runtime starts.
    struct Setup {
        var bodyTimeout = Duration.seconds(30)
        var idleTimeout = Duration.seconds(75)
        var maxConnections: Int?
        var maxBody = 1 << 20
        var maxPending = 10_000_000
        var retention = Duration.seconds(7 * 86_400)
        var publicURL: String?
        var identity: ServerIdentity?
        var trustedProxies: [CIDR] = []
        var proxy: OutboundProxy?
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var clock: any WallClock = SystemClock()
        /// The state of an earlier runtime, to go on with.
        var folder: TestFolder?

        init() {}
    }

    private init(
        folder: TestFolder, store: Store, runtime: WebhookRuntime, port: Int, adminPort: Int,
        clock: any WallClock
    ) {
        self.folder = folder
        self.store = store
        self.runtime = runtime
        self.port = port
        self.adminPort = adminPort
        self.clock = clock
    }

    /// Runs the body beside a runtime with this configuration; everything has ended and the state is closed when it
    /// returns. Without `yaml` the state's own configuration runs.
    ///
    /// - Parameter secrets: values by the names of the `SecretReference`s that are made for them.
    static func run<Value: Sendable>(
        _ yaml: String? = "", secrets: [String: String] = [:], setup: Setup = Setup(),
        _ body: @escaping @Sendable (RuntimeHarness) async throws -> Value
    ) async throws -> Value {
        let folder = try setup.folder ?? TestFolder()
        let path = StatePath(folder.appending("state.db"))
        let store = try Store.open(path, mode: .write, now: setup.clock.now())
        let key = try StateKey.load(path, create: true)
        for (name, value) in secrets { try folder.write(value, to: "secrets/\(name)", mode: 0o600) }
        if let yaml { try await apply(yaml, secrets: secrets.keys.sorted(), folder, store) }
        let runtime = try WebhookRuntime(
            store: store, key: key, options: options(setup), clock: setup.clock,
            logger: setup.logger)
        try await runtime.prepare()
        let (listening, adminListening) = (Signal<Int>(), Signal<Int>())
        let services = runtime.services { isPublic, port in
            (isPublic ? listening : adminListening).send(port)
        }
        let group = ServiceGroup.bounded(services)
        // Not a child: at its time limit a test is cancelled, and a server that is cancelled, instead of being told to end,
        // may end the process (`NIOAsyncWriter` is let go unfinished).
        let running = Task {
            defer {
                listening.end()
                adminListening.end()
            }
            try await group.run()
        }
        let result = await Result {
            let harness = RuntimeHarness(
                folder: folder, store: store, runtime: runtime, port: try await listening.next(),
                adminPort: try await adminListening.next(), clock: setup.clock)
            return try await body(harness)
        }
        await group.triggerGracefulShutdown()
        // Why it ended by itself says more than what the body missed then.
        try await running.value
        try await runtime.close()
        try store.close()
        return try result.get()
    }

    /// Replaces the configuration and waits until it is live.
    func apply(_ yaml: String, secrets: [String] = []) async throws {
        try await Self.apply(yaml, secrets: secrets, folder, store)
        try await runtime.configuration.reload()
    }

    /// Writes a secret's value and waits until the runtime uses it.
    func setSecret(_ name: String, _ value: String) async throws {
        try folder.write(value, to: "secrets/\(name)", mode: 0o600)
        try await runtime.secrets.refresh()
    }

    private static func options(_ setup: Setup) -> WebhookRuntime.Options {
        var listen = APIServer.Configuration(host: "127.0.0.1", port: 0)
        listen.bodyTimeout = setup.bodyTimeout
        listen.idleTimeout = setup.idleTimeout
        listen.maxConnections = setup.maxConnections ?? listen.maxConnections
        listen.identity = setup.identity
        listen.trustedProxies = setup.trustedProxies
        var policy = AddressPolicy()
        policy.allowsPlainHTTP = true
        policy.allowedNetworks = ["127.0.0.1/32"]
        var options = WebhookRuntime.Options(
            listen: listen, adminListen: APIServer.Configuration(host: "127.0.0.1", port: 0),
            addressPolicy: policy, version: "test")
        options.maxBody = setup.maxBody
        options.publicURL = setup.publicURL
        options.maxPending = setup.maxPending
        options.retention = setup.retention
        options.proxy = setup.proxy
        return options
    }

    private static func apply(
        _ yaml: String, secrets: [String], _ folder: TestFolder, _ store: Store
    ) async throws {
        let references = secrets.map { name in
            """
            ---
            kind: SecretReference
            metadata: {name: \(name)}
            spec: {from: {file: "\(folder.appending("secrets/\(name)"))"}}

            """
        }
        let text = (yaml + "\n" + references.joined()).replacing(
            "kind:", with: "apiVersion: sync.zentra.dev/v1\nkind:")
        var loader = Loader()
        let file = ConfigurationFile(path: "test.yaml", contentID: "1", bytes: Array(text.utf8))
        let desired = try loader.load([file]).desiredState().resources
        let live = try await store.liveConfiguration()
        var change = ConfigurationChange(
            expectedSerial: live.serial, commit: "test", subject: "Test", planDigest: "", appliedBy: "test",
            liveDigest: "", source: "test")
        change.upserts = desired.map { resource in
            LiveResource(
                kind: resource.id.kind.rawValue, name: resource.id.name, canonical: resource.canonical,
                digest: "\(resource.digest)", isProtected: false, file: "test.yaml", line: 1, commit: "test")
        }
        let wanted = Set(desired.map { "\($0.id)" })
        change.deletions = live.resources.filter { !wanted.contains("\($0.kind)/\($0.name)") }.map {
            ConfigurationChange.Deletion(kind: $0.kind, name: $0.name)
        }
        let now = UnixTime.now()
        let holder = Lease.Holder(owner: "test", host: "test", process: 1, bootID: "test")
        let lease = try await store.takeLease(holder, now: now) { _ in true }
        _ = try await store.apply(change, lease: lease, started: now, now: now)
    }
}

extension ServiceGroup {
    /// A group whose end does not wait for ever for what does not end.
    static func bounded(_ services: [any Service]) -> ServiceGroup {
        var configuration = ServiceGroupConfiguration(
            services: services, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        configuration.maximumGracefulShutdownDuration = .seconds(60)
        return ServiceGroup(configuration: configuration)
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
