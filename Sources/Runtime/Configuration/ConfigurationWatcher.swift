package import Logging
import Resources
import ServiceLifecycle
package import Store
import Synchronization

/// Keeps the live configuration in memory and switches to a new one as a whole.
///
/// Looks for a new serial once a second, because another process may apply; `nudge` makes it look at once.
package final class ConfigurationWatcher: Service {
    private let state: Mutex<RuntimeConfiguration>
    private let store: Store
    private let secrets: SecretStore
    private let clock: any WallClock
    private let logger: Logger
    private let observers = Mutex<[@Sendable (RuntimeConfiguration) -> Void]>([])
    private let switching = Mutex(())
    private let nudgeSignal = Nudge()

    package static let interval = Duration.seconds(1)

    package init(store: Store, secrets: SecretStore, clock: any WallClock, logger: Logger) {
        state = Mutex(.empty)
        self.store = store
        self.secrets = secrets
        self.clock = clock
        self.logger = logger
    }

    package var current: RuntimeConfiguration { state.withLock(\.self) }

    /// Called with every configuration that becomes live, in their order; must be short and look at no other.
    package func observe(_ body: @escaping @Sendable (RuntimeConfiguration) -> Void) {
        observers.withLock { $0.append(body) }
    }

    /// Looks for a new configuration now. Losing one costs a second, nothing else.
    package func nudge() { nudgeSignal.raise() }

    /// Loads the configuration when the serial has moved; returns what is live.
    @discardableResult
    package func reload() async throws -> RuntimeConfiguration {
        let known = current
        let serial = try await store.serial()
        guard serial != known.serial else { return known }
        let configuration =
            if let changes = try await store.liveChanges(after: known.serial) {
                known.applying(changes)
            } else {
                RuntimeConfiguration(try await store.liveConfiguration())
            }
        for problem in configuration.problems {
            logger.error("cannot use a live resource", metadata: ["problem": "\(problem)"])
        }
        try await secrets.configure(
            try await secretSources(configuration), serial: configuration.serial)
        guard switchTo(configuration) else { return current }
        logger.notice("configuration is live", metadata: ["serial": "\(configuration.serial)"])
        return configuration
    }

    /// One at a time, so that whoever observes is never left with an older configuration than the current one.
    ///
    /// - Returns: whether it is newer than the current one.
    private func switchTo(_ configuration: RuntimeConfiguration) -> Bool {
        switching.withLock { _ in
            guard current.serial < configuration.serial else { return false }
            state.withLock { $0 = configuration }
            for observer in observers.withLock({ $0 }) { observer(configuration) }
            return true
        }
    }

    /// The live references, and deleted ones that a run still needs.
    private func secretSources(
        _ configuration: RuntimeConfiguration
    ) async throws -> [String: SecretReferenceSpec.Source] {
        var sources = configuration.secrets
        for (name, canonical) in try await store.retainedSecrets() where sources[name] == nil {
            if case .secretReference(let spec) = try Resource(canonical: canonical).spec {
                sources[name] = spec.source
            }
        }
        return sources
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await self.reload()
                } catch is CancellationError {
                    // The end.
                } catch {
                    // The last configuration keeps running; the next look may succeed.
                    self.logger.error("cannot read the live configuration", metadata: ["error": "\(error)"])
                }
                await self.nudgeSignal.wait(atMost: Self.interval, self.clock)
            }
        }
    }
}
