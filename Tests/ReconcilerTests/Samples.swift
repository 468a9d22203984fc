import Reconciler
import Resources
import Store
import TestSupport
import Testing

extension UnixTime {
    /// 2026-05-05T11:45:07Z, the moment at which the tests begin.
    static let t0 = UnixTime(milliseconds: 1_777_981_507_000)
}

extension SourceRevision {
    static let sample = SourceRevision(
        commit: "4f2c9e1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", subject: "Page on-call for critical tickets",
        reference: "main")
}

/// Resources of a configuration that is written in the test.
enum Sample {
    static func secret(_ name: String) -> String {
        """
        apiVersion: sync.zentra.dev/v1
        kind: SecretReference
        metadata: {name: \(name)}
        spec: {from: {env: \(name.uppercased().replacing("-", with: "_"))}}
        """
    }

    static func subscription(
        _ name: String, url: String = "https://erp.example.com/v1", events: String = "[ticket.created]",
        metadata: String = "", more: String = ""
    ) -> String {
        """
        apiVersion: sync.zentra.dev/v1
        kind: Subscription
        metadata: {name: \(name)\(metadata.isEmpty ? "" : ", " + metadata)}
        spec:
          targetURL: \(url)
          events: \(events)
          signing: {secretRef: key}
          \(more)
        """
    }

    static func token(_ name: String) -> String {
        """
        apiVersion: sync.zentra.dev/v1
        kind: ApiToken
        metadata: {name: \(name)}
        spec: {secretRef: key, scopes: [events:write]}
        """
    }

    static func document(_ kind: String, _ name: String, _ spec: String) -> String {
        """
        apiVersion: sync.zentra.dev/v1
        kind: \(kind)
        metadata: {name: \(name)}
        spec:
          \(spec)
        """
    }

    static func workflow(_ name: String, on event: String, creates record: String) -> String {
        """
        apiVersion: sync.zentra.dev/v1
        kind: Workflow
        metadata: {name: \(name)}
        spec:
          triggers: [{event: \(event)}]
          steps: [{id: make, create: {record: \(record), set: {subject: Again}}}]
        """
    }

    /// The desired state that files ask for.
    static func desired(_ files: [String: String]) throws -> DesiredState {
        var loader = Loader()
        let loaded = loader.load(
            files.map { ConfigurationFile(path: $0, contentID: $1, bytes: Array($1.utf8)) })
        #expect(loaded.errors.isEmpty, "\(loaded.errors)")
        return try loaded.desiredState()
    }
}

extension LiveState {
    /// What is live after the desired state was applied.
    static func applied(
        _ desired: DesiredState, serial: Int64 = 41, pending: [String: Int] = [:]
    ) -> LiveState {
        LiveState(
            configuration: LiveConfiguration(
                serial: serial,
                resources: desired.resources.map { resource in
                    LiveResource(
                        kind: resource.id.kind.rawValue, name: resource.id.name,
                        canonical: resource.canonical,
                        digest: resource.digest.hex, isProtected: resource.isProtected,
                        file: resource.position?.file ?? "", line: resource.position?.line ?? 0,
                        commit: "91b0d2e")
                }), commit: "91b0d2ebbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
            facts: LiveFacts(pendingDeliveries: pending))
    }

    static func applied(_ files: [String: String], serial: Int64 = 41, pending: [String: Int] = [:]) throws
        -> LiveState
    {
        applied(try Sample.desired(files), serial: serial, pending: pending)
    }
}

extension Plan {
    static func sample(
        from live: [String: String], to desired: [String: String], pending: [String: Int] = [:]
    ) throws -> Plan {
        Planner.plan(
            try Sample.desired(desired), live: try .applied(live, pending: pending), revision: .sample)
    }
}

/// A state in a folder of its own.
struct TestState {
    let folder: TestFolder
    let store: Store

    init() throws {
        folder = try TestFolder()
        store = try Store.open(StatePath(folder.appending("state.db")), mode: .write, now: .t0)
    }

    /// Runs a test on a state that is closed afterwards.
    static func with<Result>(_ body: (TestState) async throws -> Result) async throws -> Result {
        let state = try TestState()
        do {
            let result = try await body(state)
            try state.store.close()
            return result
        } catch {
            try state.store.close()
            throw error
        }
    }
}

extension Lease.Holder {
    static func sample(process: Int32 = 100) -> Lease.Holder {
        Lease.Holder(owner: "run", host: "here", process: process, bootID: "boot-1")
    }
}
