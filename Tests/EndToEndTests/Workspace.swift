import Foundation
import Glibc
import JSON
import TestSupport
import Testing

/// A team's world in a folder of its own: a configuration repository, a state, an environment with the secrets.
struct Workspace: Sendable {
    let folder: TestFolder
    let repository: TestRepository
    /// What the program's processes get; no process inherits more than that.
    var environment: [String: String]

    static let token = "token-of-the-service-desk"
    static let signingSecret = "secret-of-the-erp-system"

    /// - Parameter files: the first commit.
    init(_ files: [String: String] = [:]) async throws {
        folder = try TestFolder()
        repository = try await TestRepository()
        environment = ["ERP_SECRET": Self.signingSecret, "DESK_TOKEN": Self.token]
        if !files.isEmpty { try await repository.commit("First", files) }
    }

    /// A workspace whose subscription `erp` points to a receiver.
    init(
        _ receiver: StubReceiver, retry: String = Resources.quickRetry, more: [String: String] = [:]
    ) async throws {
        try await self.init(
            ["base.yaml": Resources.base, "erp.yaml": Resources.subscription(to: receiver.url, retry: retry)]
                .merging(more) { $1 })
    }

    var state: String { folder.appending("zentra-sync.db") }

    /// Runs a command in the folder, so that the default state is the workspace's.
    func run(_ arguments: String..., input: String = "") async throws -> ProductBinary.Result {
        try await ProductBinary.run(arguments, in: folder.path, environment: environment, input: input)
    }

    func apply() async throws {
        #expect(try await run("apply", "--repo", repository.path, "--yes").status == 0)
    }

    /// Lets receivers be on this machine.
    static let openNetwork = ["--allow-http", "--allow-network", "127.0.0.0/8"]

    /// Starts the sidecar on the repository.
    func sidecar(
        interval: String = "1s", network: [String] = openNetwork, _ arguments: [String] = [],
        log: ProcessLines? = nil
    ) throws -> SidecarProcess {
        try SidecarProcess(
            ["--repo", repository.path, "--interval", interval] + network + arguments, in: folder.path,
            environment: environment, log: log)
    }

    /// Starts the sidecar and waits until a configuration is live and it listens.
    func readySidecar(
        interval: String = "1s", network: [String] = openNetwork, _ arguments: [String] = [],
        log: ProcessLines? = nil
    ) async throws -> (sidecar: SidecarProcess, port: Int) {
        let sidecar = try sidecar(interval: interval, network: network, arguments, log: log)
        try await sidecar.log.line(with: "\"message\":\"configuration is live\"")
        return (sidecar, try await sidecar.port)
    }

    /// Hands an event in; returns its id.
    @discardableResult
    func send(_ event: String = Resources.event(), to port: Int) async throws -> String {
        let answer = try await HTTPExchange.post(
            "/api/v1/events", port: port, token: Self.token, body: event)
        #expect(answer.status == 202, "\(answer.text)")
        return try answer.json["id"]?.string ?? ""
    }

    func status() async throws -> JSONValue {
        let result = try await run("status", "--format", "json")
        #expect(result.status == 0, "\(result)")
        return try JSONValue(parsing: result.output)
    }

    /// Looks until a file of the folder is there and has so many bytes; the test's time limit bounds it.
    ///
    /// - Parameter isTooLate: ends the looking early.
    func bytes(_ count: Int, in name: String, unless isTooLate: () -> Bool = { false }) async throws {
        var status = stat()
        while !isTooLate(), stat(folder.appending(name), &status) != 0 || status.st_size < count {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    /// Makes the state say that another version wrote it; returns what the file holds then.
    func setSchemaVersion(_ version: UInt8) throws -> Data {
        // Everything is in the file, because nobody has it open.
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: state + suffix) }
        var bytes = try Data(contentsOf: URL(filePath: state))
        // `user_version` in the header (SQLite file format, section 1.3).
        bytes[60..<64] = Data([0, 0, 0, version])
        try bytes.write(to: URL(filePath: state))
        return bytes
    }

    /// A delivery as the command line shows it.
    func delivery(_ id: String) async throws -> JSONValue {
        let result = try await run("deliveries", "show", id, "--format", "json")
        #expect(result.status == 0, "\(result)")
        return try JSONValue(parsing: result.output)
    }

    /// Asks again until the answer is what the test waits for; the test's time limit bounds it.
    func delivery(_ id: String, until condition: (JSONValue) -> Bool) async throws -> JSONValue {
        while true {
            let delivery = try await delivery(id)
            if condition(delivery) { return delivery }
            try Task.checkCancellation()
        }
    }
}

/// Resources that the tests apply.
enum Resources {
    static let base =
        secret("erp-signing", "env: ERP_SECRET") + secret("desk-token", "env: DESK_TOKEN")
        + token("desk", "desk-token", "events:write, events:read, deliveries:read")

    /// Retries come at once, so that nobody waits for them.
    static let quickRetry = "{initialBackoff: 100ms, multiplier: 1, jitter: 0, maxBackoff: 100ms}"

    static func secret(_ name: String, _ source: String) -> String {
        document("SecretReference", name, "from: {\(source)}")
    }

    static func token(_ name: String, _ secret: String, _ scopes: String) -> String {
        document("ApiToken", name, "secretRef: \(secret)\n  scopes: [\(scopes)]")
    }

    /// However long a busy machine takes, a request that a receiver holds back is not given up: that would be another one.
    static func subscription(
        _ name: String = "erp", to url: String, events: String = "\"*\"", signing: String = "erp-signing",
        retry: String = quickRetry, more: String = ""
    ) -> String {
        document(
            "Subscription", name,
            """
            targetURL: \(url)
              events: [\(events)]
              signing: {secretRef: \(signing)}
              retry: \(retry)
              timeout: 5m
            """ + (more.isEmpty ? "" : "\n  \(more)"))
    }

    static func document(_ kind: String, _ name: String, _ spec: String) -> String {
        """
        ---
        apiVersion: sync.zentra.dev/v1
        kind: \(kind)
        metadata: {name: \(name)}
        spec:
          \(spec)

        """
    }

    /// An event for the API.
    static func event(
        _ type: String = "ticket.created", id: String? = nil, data: String = "{\"id\":\"tkt_1\"}"
    )
        -> String
    {
        "{\"event\":\"\(type)\"\(id.map { ",\"id\":\"\($0)\"" } ?? ""),\"data\":\(data)}"
    }
}
