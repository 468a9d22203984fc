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
    private struct Entry: Sendable {
        var source: SecretReferenceSpec.Source
        var value: SecretValue?
        var status: SecretStatus
    }

    private let entries = Mutex<[String: Entry]>([:])
    private let reader: SecretReader
    private let key: StateKey
    private let clock: any WallClock
    private let store: Store?
    private let threads: NIOThreadPool
    private let onChange = Mutex<@Sendable () -> Void>({})

    package static let interval = Duration.milliseconds(500)

    /// - Parameter store: where statuses are kept for `status`; nil keeps them in memory only.
    package init(reader: SecretReader, key: StateKey, clock: any WallClock, store: Store?) {
        self.reader = reader
        self.key = key
        self.clock = clock
        self.store = store
        threads = NIOThreadPool(numberOfThreads: 1)
        threads.start()
    }

    /// Called after a refresh in which a value changed, appeared or vanished.
    package func notify(_ body: @escaping @Sendable () -> Void) { onChange.withLock { $0 = body } }

    /// The value of a secret; nil while its reference does not resolve.
    package func value(_ name: String) -> SecretValue? { entries.withLock { $0[name]?.value } }

    /// What is known of every reference, by name.
    package func statuses() -> [SecretStatus] {
        entries.withLock { $0.values.map(\.status) }.sorted { $0.name < $1.name }
    }

    /// Replaces the references that are looked after; known ones with an unchanged source keep their value.
    package func configure(_ references: [String: SecretReferenceSpec.Source]) async throws {
        let isKnown = entries.withLock { entries in
            entries.count == references.count
                && references.allSatisfy { entries[$0.key]?.source == $0.value }
        }
        // They are read again twice a second.
        guard !isKnown else { return }
        let known = try await store?.secretStatuses() ?? []
        entries.withLock { entries in
            entries = Dictionary(
                uniqueKeysWithValues: references.map { name, source in
                    if let entry = entries[name], entry.source == source { return (name, entry) }
                    let status = known.first { $0.name == name }
                    return (
                        name,
                        Entry(
                            source: source, value: nil,
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
    /// Reading and remembering happen on one thread, so that of two refreshes the later one counts.
    package func refresh() async throws {
        let hasChanged = try await threads.runIfActive { self.readAll() }
        guard hasChanged else { return }
        onChange.withLock { $0 }()
        try await store?.replaceSecretStatuses(statuses())
    }

    /// Whether the values of references would change if they pointed elsewhere; reads what they would point to.
    func rotations(
        _ references: [(name: String, source: SecretReferenceSpec.Source)]
    ) async throws -> [SecretRotation] {
        let known = entries.withLock { $0.compactMapValues(\.status.fingerprint) }
        return try await threads.runIfActive { [reader, key] in
            references.map { reference in
                SecretRotation(
                    before: known[reference.name], value: reader.read(reference.source), key: key.bytes)
            }
        }
    }

    private func readAll() -> Bool {
        let results = entries.withLock { $0.mapValues(\.source) }.mapValues(reader.read)
        let now = clock.now()
        return entries.withLock { entries in
            results.reduce(into: false) { changed, result in
                guard var entry = entries[result.key] else { return }
                changed = update(&entry, with: result.value, now: now) || changed
                entries[result.key] = entry
            }
        }
    }

    package func run() async throws {
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            try await refresh()
            try? await cancelWhenGracefulShutdown { [clock] in try await clock.sleep(for: Self.interval) }
        }
        try await threads.shutdownGracefully()
    }

    /// True when the value that is used changed, or what is told of it.
    private func update(_ entry: inout Entry, with result: Result<SecretValue, SecretProblem>, now: UnixTime)
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
