import Logging
import Resources
import Runtime
import Store
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct SecretStoreTests {
    private let folder: TestFolder
    private let path: StatePath
    private let key: StateKey
    private let log = RecordingLog()

    init() throws {
        folder = try TestFolder()
        path = StatePath(folder.appending("state.db"))
        try Store.open(path, mode: .write, now: .now()).close()
        key = try StateKey.load(path, create: true)
    }

    private func secrets(_ store: Store?) -> SecretStore {
        SecretStore(
            reader: SecretReader(folders: nil), key: key, clock: SystemClock(), store: store,
            logger: log.logger)
    }

    private func source(_ name: String, _ value: String) throws -> SecretReferenceSpec.Source {
        .file(try folder.write(value, to: name, mode: 0o600))
    }

    @Test func `references of an older configuration do not take the place of newer ones`() async throws {
        let secrets = secrets(nil)
        let (a, b) = (try source("a", "one"), try source("b", "two"))
        try await secrets.configure(["a": a, "b": b], serial: 3)
        try await secrets.configure(["a": a], serial: 2)
        #expect(secrets.statuses().map(\.name) == ["a", "b"])
        try await secrets.configure(["a": a], serial: 4)
        #expect(secrets.statuses().map(\.name) == ["a"])
        // Its thread ends with it.
        let running = Task { try await secrets.run() }
        running.cancel()
        try await running.value
    }

    @Test func `a secret that stops resolving is told once, and that it resolves again`() async throws {
        let secrets = secrets(nil)
        try await secrets.configure(
            ["a": try source("a", "one"), "b": .environment("NOT_SET_IN_TESTS")], serial: 1)
        for value in ["", "", "two", "two", "three"] {
            _ = try source("a", value)
            try await secrets.refresh()
        }
        #expect(
            log.lines.map { "\($0.level) \($0.message) \($0.metadata["secret"] ?? "")" } == [
                "warning a secret does not resolve; what needs it waits b",
                "warning a secret does not resolve; what needs it waits a",
                "info a secret has a new value a", "info a secret has a new value a",
            ])
        let texts = log.lines.flatMap { [$0.message] + $0.metadata.values }
        #expect(!texts.contains { $0.contains("two") || $0.contains("three") })
        // One that begins with what another process knew of it tells what is missing all the same.
        let running = Task { try await secrets.run() }
        running.cancel()
        try await running.value
    }

    @Test func `a state that cannot be written neither ends the store nor keeps values from being used`()
        async throws
    {
        let store = try Store.open(path, mode: .read, now: .now())
        let secrets = secrets(store)
        try await secrets.configure(["a": try source("a", "one")], serial: 1)
        #expect(secrets.value("a") != nil)
        let running = Task { try await secrets.run() }
        _ = try source("a", "two")
        let expected = SecretValue(Array("two".utf8))
        while secrets.value("a")?.matches(expected) != true { await Task.yield() }
        try await secrets.refresh()
        running.cancel()
        try await running.value
        try store.close()
        let problems = log.lines.filter { $0.level == .error }.map(\.message)
        #expect(problems == ["cannot record which secrets resolve"], "said once")
    }
}
