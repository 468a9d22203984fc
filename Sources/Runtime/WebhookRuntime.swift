package import JSON
package import Logging
import NIOCore
import NIOPosix
package import OutboundHTTP
import Resources
package import ServiceLifecycle
package import Store
import Synchronization
import WorkflowEngine

/// Everything that runs beside the sync loop, put together: listeners, ingest, delivery, secrets, maintenance.
package final class WebhookRuntime: Sendable {
    package struct Options: Sendable {
        package var listen: APIServer.Configuration
        package var adminListen: APIServer.Configuration
        package var addressPolicy: AddressPolicy
        /// Folders that secret files must be in; nil allows any.
        package var secretFolders: [String]?
        /// Where all outgoing requests go; it is then trusted to guard addresses.
        package var proxy: OutboundProxy?
        package var maxInFlight = 256
        /// Files and connections that this process may have open.
        package var openFiles = Int.max
        /// Deliveries that may be pending, over all subscriptions; beyond it intake is turned away.
        package var maxPending = 10_000_000
        /// Largest body of an API request, in bytes.
        package var maxBody = 1 << 20
        package var retention = Duration.seconds(7 * 86_400)
        /// Between two rounds of the sync loop, for `/syncz`.
        package var syncInterval = Duration.seconds(30)
        /// Where callers reach this process from outside, for callback URLs; without a slash at the end.
        package var publicURL: String?
        package var version: String

        package init(
            listen: APIServer.Configuration, adminListen: APIServer.Configuration,
            addressPolicy: AddressPolicy,
            version: String
        ) {
            self.listen = listen
            self.adminListen = adminListen
            self.adminListen.checksHost = true
            self.addressPolicy = addressPolicy
            self.version = version
        }

        // Of what may be open, connections to receivers get a half, those of callers a quarter, and those of operators a
        // sixteenth. The rest is for git and the state; Dispatch ends the process when there is nothing left.

        /// Requests of deliveries at a time, and as many of workflows.
        var requests: Int { max(1, min(maxInFlight, openFiles / 4)) }

        var publicListener: APIServer.Configuration { bounded(listen, to: openFiles / 4) }

        var adminListener: APIServer.Configuration { bounded(adminListen, to: openFiles / 16) }

        private func bounded(_ listener: APIServer.Configuration, to count: Int) -> APIServer.Configuration {
            var listener = listener
            listener.maxConnections = min(listener.maxConnections, max(1, count))
            return listener
        }

        /// The bounds of the client, whose connections are counted on each of its event loops.
        func clientLimits(eventLoops: Int) -> ClientLimits {
            var limits = ClientLimits()
            limits.maxOpenConnections = min(limits.maxOpenConnections, max(1, openFiles / 2 / eventLoops))
            return limits
        }
    }

    package let configuration: ConfigurationWatcher
    package let secrets: SecretStore
    package let ingest: Ingest
    package let records: RecordWriter
    private let contents: ContentStore
    package let heartbeats = Heartbeats()
    package let metrics = MetricRegistry()
    private let counters = InboundCounters()
    private let dispatcher: DeliveryDispatcher
    let maintenance: Maintenance
    private let client: OutboundClient
    private let group: MultiThreadedEventLoopGroup
    private let authenticator: Authenticator
    private let revisions: WorkflowRevisions
    private let workflows: WorkflowRuntime
    private let key: StateKey
    private let store: Store
    private let options: Options
    private let clock: any WallClock
    private let logger: Logger

    package init(
        store: Store, key: StateKey, options: Options, clock: any WallClock = SystemClock(), logger: Logger
    ) throws {
        self.store = store
        self.options = options
        self.key = key
        self.clock = clock
        self.logger = logger
        let eventLoops = max(2, System.coreCount)
        group = MultiThreadedEventLoopGroup(numberOfThreads: eventLoops)
        if options.requests < options.maxInFlight {
            logger.warning(
                "the limit of open files allows fewer requests at a time than --max-in-flight",
                metadata: ["limit": "\(options.openFiles)", "requests": "\(options.requests)"])
        }
        secrets = SecretStore(
            reader: SecretReader(folders: options.secretFolders), key: key, clock: clock, store: store,
            logger: logger)
        configuration = ConfigurationWatcher(store: store, secrets: secrets, clock: clock, logger: logger)
        client = OutboundClient(
            group: group, policy: options.addressPolicy, tls: try TLSProfile(),
            limits: options.clientLimits(eventLoops: eventLoops), proxy: options.proxy)
        var limits = DeliveryScheduler.Limits()
        limits.maxInFlight = options.requests
        let deliveryMetrics = DeliveryMetrics(metrics)
        dispatcher = DeliveryDispatcher(
            store: store, client: client, eventLoops: group,
            builder: RequestBuilder(
                secrets: secrets, identities: TLSIdentities(secrets: secrets),
                userAgent: "zentra-sync/\(options.version)"),
            limits: limits, heartbeats: heartbeats, metrics: deliveryMetrics, clock: clock, logger: logger)
        revisions = WorkflowRevisions(store: store)
        ingest = Ingest(
            store: store, configuration: configuration, dispatcher: dispatcher,
            maxPending: options.maxPending, metrics: IngestMetrics(metrics), revisions: revisions,
            clock: clock)
        records = RecordWriter(store: store, ingest: ingest, clock: clock)
        workflows = Self.workflows(
            store, key, ingest, revisions, client, group, secrets, heartbeats, metrics, options, clock, logger
        )
        contents = ContentStore(store.path)
        maintenance = Maintenance(
            Maintenance.Configuration(retention: options.retention), store: store, live: configuration,
            dispatcher: dispatcher, contents: contents, heartbeats: heartbeats, metrics: deliveryMetrics,
            clock: clock, logger: logger)
        authenticator = Authenticator(
            configuration: configuration, secrets: secrets, local: LocalCredential(key))
        collectMetrics()
        configuration.observe { [dispatcher, revisions, workflows] configuration in
            revisions.configure(configuration.orderedWorkflows)
            dispatcher.configure(configuration)
            workflows.configure(configuration)
        }
        secrets.notify { [dispatcher] in dispatcher.secretsChanged() }
    }

    private func collectMetrics() {
        let queues = QueueMetrics(store: store, dispatcher: dispatcher, clock: clock)
        let state = StateMetrics(
            store: store, configuration: configuration, secrets: secrets, inbound: counters,
            version: options.version)
        metrics.collect { try await queues.families() }
        metrics.collect { try await state.families() }
        metrics.collect { ProcessMetrics.families() }
        let runs = RunMetrics(store: store, runtime: workflows)
        metrics.collect { try await runs.families() }
    }

    /// Loads the last applied configuration; call it before the services run, so that the first request finds it.
    package func prepare() async throws {
        try await store.refreshPendingCounts()
        try await workflows.prepare()
        try await configuration.reload()
    }

    private static func workflows(
        _ store: Store, _ key: StateKey, _ ingest: Ingest, _ revisions: WorkflowRevisions,
        _ client: OutboundClient, _ group: MultiThreadedEventLoopGroup, _ secrets: SecretStore,
        _ heartbeats: Heartbeats, _ metrics: MetricRegistry, _ options: Options, _ clock: any WallClock,
        _ logger: Logger
    ) -> WorkflowRuntime {
        let engine = WorkflowEngine { [publicURL = options.publicURL] run, step in
            publicURL.map { url in
                let token = CallbackToken(run: WorkflowRunID(run.text), step: step)
                return "\(url)/api/webhooks/callbacks/\(token.text(key))"
            }
        }
        var limits = RequestSlots<StepRequest>.Limits()
        limits.total = options.requests
        limits.perOrigin = max(1, options.requests / 4)
        let sender = RequestSender(
            client: client, eventLoops: group, secrets: secrets, userAgent: "zentra-sync/\(options.version)",
            limits: limits, clock: clock, logger: logger)
        let stepper = RunStepper(
            store: store, ingest: ingest, revisions: revisions, engine: engine, clock: RunClock(clock))
        return WorkflowRuntime(
            stepper: stepper, sender: sender, metrics: WorkflowMetrics(metrics), heartbeats: heartbeats,
            clock: clock, logger: logger)
    }

    /// In the order in which they start; they stop in the reverse one, so that intake ends first and work drains.
    ///
    /// - Parameter onListening: called with the ports of the public and the admin listener, each once.
    package func services(
        publicRoutes: [APIRoute] = [], adminRoutes: [APIRoute] = [],
        onListening: @escaping @Sendable (_ isPublic: Bool, _ port: Int) async -> Void
    ) -> [any Service] {
        let probes = ProbeRoutes(heartbeats: heartbeats) { [configuration, store] in
            guard configuration.current.serial > 0 else { throw Problem.noConfiguration }
            try store.commits.requireInPlace()
        }
        let events = EventRoutes(store: store, ingest: ingest, clock: clock, maxBody: options.maxBody)
        let replay = Replay(store: store, configuration: configuration, dispatcher: dispatcher, clock: clock)
        let api =
            events.all + DeliveryRoutes(store: store).all
            + ReplayRoutes(replay: replay, ingest: ingest, clock: clock).all + recordRoutes
            + InboundRoutes(receiver: inbound(counters)).all
            + CallbackRoutes(store: store, ingest: ingest, key: key, clock: clock).all + runRoutes
            + configured.all + RotationRoutes(secrets: secrets).all + publicRoutes
        let document = OpenAPIRoute.route(version: options.version, others: api)
        let server = APIServer(
            options.publicListener, routes: probes.all + api + [document], authenticator: authenticator,
            group: group,
            logger: logger
        ) { await onListening(true, $0) }
        let syncProbe = SyncProbe(store: store, interval: options.syncInterval, clock: clock)
        let dashboard = DashboardRoutes(
            reader: OverviewReader(
                store: store, configuration: configuration, dispatcher: dispatcher, secrets: secrets,
                counters: counters, runtime: workflows, version: options.version),
            clock: clock)
        let observed = [MetricsRoute(registry: metrics).route, syncProbe.route] + dashboard.all
        let admin = APIServer(
            options.adminListener, routes: probes.all + observed + adminRoutes, authenticator: authenticator,
            group: group, logger: logger
        ) { await onListening(false, $0) }
        let deadlines = DeadlineWatcher(
            store: store, records: records, live: configuration, heartbeats: heartbeats, clock: clock,
            logger: logger)
        let schedules = ScheduleRunner(
            store: store, ingest: ingest, live: configuration, heartbeats: heartbeats, clock: clock,
            logger: logger)
        let identities: [any Service] = [options.listen.identity].compactMap(\.self)
        let loops: [any Service] = [
            secrets, configuration, dispatcher, workflows, schedules, maintenance, deadlines,
        ]
        return loops + identities + [admin, server]
    }

    private var configured: ConfigurationRoutes {
        ConfigurationRoutes(
            store: store, configuration: configuration, secrets: secrets, counters: counters,
            dispatcher: dispatcher)
    }

    /// How each live subscription and its receiver stand: the `status` of `GET /api/v1/subscriptions`.
    package var receivers: [String: JSONValue] { configured.receivers }

    private func inbound(_ counters: InboundCounters) -> InboundReceiver {
        InboundReceiver(
            store: store, ingest: ingest, configuration: configuration, secrets: secrets,
            mail: MailReceiver(
                store: store, records: records, contents: contents, counters: counters, clock: clock),
            counters: counters, clock: clock, logger: logger)
    }

    private var runRoutes: [APIRoute] {
        let control = RunControl(
            store: store, ingest: ingest, runtime: workflows, revisions: revisions, clock: clock)
        return RunRoutes(store: store, control: control, clock: clock, maxBody: options.maxBody).all
    }

    private var recordRoutes: [APIRoute] {
        RecordType.allCases.flatMap { type in
            RecordRoutes(type: type, store: store, writer: records, clock: clock, maxBody: options.maxBody)
                .all
                + CommentRoutes(
                    type: type, store: store, writer: records, contents: contents, clock: clock,
                    maxBody: options.maxBody
                ).all
        }
    }

    /// What became of requests and could not be written, on a full disk for instance; after the services have ended, it
    /// is lost, and the requests are made again at the next start.
    package var unrecorded: Unrecorded? {
        let all = [dispatcher.unrecorded.current, workflows.unrecorded].compactMap(\.self)
        guard let last = all.last else { return nil }
        return Unrecorded(results: all.reduce(0) { $0 + $1.results }, reason: last.reason)
    }

    /// After the services have ended.
    package func close() async throws {
        await client.shutdown(grace: .seconds(1))
        // Event loops hear of commits, as long as there are any.
        for loop in group.makeIterator() { await store.settled(on: CommitExecutor(loop)) }
        try await group.shutdownGracefully()
    }
}
