package import Logging
import NIOPosix
package import Resources
import ServiceLifecycle
package import Store
import Synchronization

/// The current values of all referenced secrets, in memory, re-read twice a second.
///
/// Reading happens on a thread of its own: a hanging network file system delays a rotation, not a delivery. So a
/// rotated file takes effect within a second and without a restart.
package final class SecretStore: Service {
    /// A value and what may be told of it.
    /// One object, because a value is asked for with every request, and a copy would count all that it refers to.
    private final class Entry {
        let source: SecretReferenceSpec.Source
        var value: SecretValue?
        var status: SecretStatus
        /// Whether it was logged that there is no value.
        var isMissed = false

        init(source: SecretReferenceSpec.Source, status: SecretStatus) {
            self.source = source
            self.status = status
        }
    }

    /// What a refresh found that is worth a line of the log.
    private enum News {
        /// It does not resolve.
        case missing(SecretStatus)
        /// It resolves again, or to another value.
        case value(SecretStatus)
    }

    private struct State {
        /// Of the configuration that the entries are from.
        var serial: Int64 = 0
        var entries: [String: Entry] = [:]
    }

    /// Whether what is told of the values is in the state.
    private enum Recording {
        case done, due, failed
    }

    private let state = Mutex(State())
    private let recording = Mutex(Recording.done)
    private let reader: SecretReader
    private let key: StateKey
    private let clock: any WallClock
    private let store: Store?
    private let threads: NIOThreadPool
    private let onChange = Mutex<@Sendable () -> Void>({})
    private let logger: Logger

    package static let interval = Duration.milliseconds(500)

    /// - Parameter store: where statuses are kept for `status`; nil keeps them in memory only.
    package init(
        reader: SecretReader, key: StateKey, clock: any WallClock, store: Store?, logger: Logger
    ) {
        self.reader = reader
        self.key = key
        self.clock = clock
        self.store = store
        self.logger = logger
        threads = NIOThreadPool(numberOfThreads: 1)
        threads.start()
    }

    /// Called after a refresh in which a value changed, appeared or vanished.
    package func notify(_ body: @escaping @Sendable () -> Void) { onChange.withLock { $0 = body } }

    /// The value of a secret; nil while its reference does not resolve.
    package func value(_ name: String) -> SecretValue? { state.withLock { $0.entries[name]?.value } }

    /// A keyed name for the value of a secret; nil while its reference does not resolve.
    func fingerprint(_ name: String) -> String? { state.withLock { $0.entries[name]?.status.fingerprint } }

    /// What is known of every reference, by name.
    package func statuses() -> [SecretStatus] {
        state.withLock { $0.entries.values.map(\.status) }.sorted { $0.name < $1.name }
    }

    /// Replaces the references that are looked after; known ones with an unchanged source keep their value.
    ///
    /// - Parameter serial: of their configuration. When those of a newer one have come first, nothing happens.
    package func configure(
        _ references: [String: SecretReferenceSpec.Source], serial: Int64
    ) async throws {
        let isKnown = state.withLock { state in
            guard state.serial <= serial else { return true }
            state.serial = serial
            return state.entries.count == references.count
                && references.allSatisfy { state.entries[$0.key]?.source == $0.value }
        }
        // They are read again twice a second.
        guard !isKnown else { return }
        let known = try await store?.secretStatuses() ?? []
        state.withLock { state in
            guard state.serial == serial else { return }
            let entries = state.entries
            state.entries = Dictionary(
                uniqueKeysWithValues: references.map { name, source in
                    if let entry = entries[name], entry.source == source { return (name, entry) }
                    let status = known.first { $0.name == name }
                    return (
                        name,
                        Entry(
                            source: source,
                            status: status
                                ?? SecretStatus(
                                    name: name, fingerprint: nil, problem: "not read yet",
                                    changedAt: clock.now()))
                    )
                })
        }
        try await refresh()
    }

    /// Reads every reference again and records what changed.
    ///
    /// Reading and remembering happen on one thread, so that of two refreshes the later one counts. What cannot be
    /// recorded is logged, and tried again with the next refresh: the values are in use all the same.
    package func refresh() async throws {
        if try await threads.runIfActive({ self.readAll() }) {
            recording.withLock { if $0 == .done { $0 = .due } }
            onChange.withLock { $0 }()
        }
        await record()
    }

    private func record() async {
        // Set before the statuses are looked at, so that what changes meanwhile does not count as recorded.
        let before = recording.withLock { recording in
            defer { recording = .done }
            return recording
        }
        guard before != .done else { return }
        do {
            try await store?.replaceSecretStatuses(statuses())
        } catch is CancellationError {
            recording.withLock { $0 = before }
        } catch {
            recording.withLock { $0 = .failed }
            guard before != .failed else { return }
            logger.error("cannot record which secrets resolve", metadata: ["error": "\(error)"])
        }
    }

    /// Whether the values of references would change if they pointed elsewhere; reads what they would point to.
    func rotations(
        _ references: [(name: String, source: SecretReferenceSpec.Source)]
    ) async throws -> [SecretRotation] {
        let known = state.withLock { $0.entries.compactMapValues(\.status.fingerprint) }
        return try await threads.runIfActive { [reader, key] in
            references.map { reference in
                SecretRotation(
                    before: known[reference.name], value: reader.read(reference.source), key: key.bytes)
            }
        }
    }

    private func readAll() -> Bool {
        let results = state.withLock { $0.entries.mapValues(\.source) }.mapValues(reader.read)
        let now = clock.now()
        let (hasChanged, news) = state.withLock { state in
            results.reduce(into: (false, [News]())) { found, result in
                guard let entry = state.entries[result.key] else { return }
                let (wasMissed, wasKnown) = (entry.isMissed, entry.status.fingerprint != nil)
                let isOther = update(entry, with: result.value, now: now)
                found.0 = isOther || found.0
                if let news = Self.news(entry, wasMissed: wasMissed, wasKnown: wasKnown, isOther: isOther) {
                    found.1.append(news)
                }
            }
        }
        news.forEach(log)
        return hasChanged
    }

    /// What has become known of a reference; that it resolves from the start is no news.
    private static func news(_ entry: Entry, wasMissed: Bool, wasKnown: Bool, isOther: Bool) -> News? {
        entry.isMissed = entry.status.fingerprint == nil
        if entry.isMissed { return isOther || !wasMissed ? .missing(entry.status) : nil }
        return isOther && (wasMissed || wasKnown) ? .value(entry.status) : nil
    }

    /// What waits for a secret makes no request, so that nothing else would tell of it.
    private func log(_ news: News) {
        switch news {
        case .missing(let status):
            logger.warning(
                "a secret does not resolve; what needs it waits",
                metadata: ["secret": "\(status.name)", "error": "\(status.problem)"])
        case .value(let status):
            logger.info(
                "a secret has a new value",
                metadata: ["secret": "\(status.name)", "fingerprint": "\(status.fingerprint ?? "")"])
        }
    }

    package func run() async throws {
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            // Cancelled in the middle of it: its thread ends all the same.
            do { try await refresh() } catch is CancellationError { break }
            try? await cancelWhenGracefulShutdown { [clock] in try await clock.sleep(for: Self.interval) }
        }
        try await threads.shutdownGracefully()
    }

    /// True when the value that is used changed, or what is told of it.
    private func update(_ entry: Entry, with result: Result<SecretValue, SecretProblem>, now: UnixTime)
        -> Bool
    {
        let fingerprint: String?
        let problem: String
        switch result {
        case .success(let value):
            (fingerprint, problem) = (value.fingerprint(key: key.bytes), "")
            entry.value = value.readyToSign()
        case .failure(let failure):
            (fingerprint, problem) = (nil, failure.description)
            entry.value = nil
        }
        guard fingerprint != entry.status.fingerprint || problem != entry.status.problem else { return false }
        entry.status = SecretStatus(
            name: entry.status.name, fingerprint: fingerprint, problem: problem, changedAt: now)
        return true
    }
}
