import ArgumentParser
import Glibc
import JSON
import OutboundHTTP
import Reconciler
import Resources
import Runtime
import Store

/// The live state: a file, or a running sidecar.
struct LiveOptions: ParsableArguments {
    @OptionGroup var state: StateOptions

    @Option(help: ArgumentHelp("A running sidecar instead of a state file.", valueName: "url"))
    var server: String?

    @Option(
        help: ArgumentHelp("The file with the token for --server.", valueName: "file"), completion: .file())
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "PEM certificates that are trusted for --server instead of the system's.", valueName: "file"),
        completion: .file())
    var serverCaFile: String?

    func validate() throws {
        if server != nil && tokenFile == nil { throw ValidationError("--server needs --token-file") }
        if server == nil && tokenFile != nil { throw ValidationError("--token-file goes with --server") }
        if serverCaFile != nil {
            guard let server else { throw ValidationError("--server-ca-file goes with --server") }
            guard server.hasPrefix("https://") else {
                throw ValidationError("--server-ca-file has no use without https://")
            }
        }
        if let server, !SidecarClient.isAddress(server) {
            throw ValidationError("--server takes a URL such as https://zentra.example.com")
        }
    }

    /// The options that name the same live state for another command.
    var arguments: String {
        if let server, let tokenFile {
            let authorities = serverCaFile.map { " --server-ca-file \($0)" } ?? ""
            return " --server \(server) --token-file \(tokenFile)\(authorities)"
        }
        return state.state == StateOptions.standard ? "" : " --state \(state.state)"
    }

    /// The sidecar that --server names; nil without it.
    func namedServer() throws -> SidecarClient? {
        guard let server, let tokenFile else { return nil }
        if try SidecarClient.isOverheard(server) {
            Console.standard.warning("the token is sent to \(server) in clear text; use https://")
        }
        return try SidecarClient(
            url: server, token: try token(tokenFile), authorities: try serverCaFile.map(authorities))
    }

    /// What the sidecar that --server names answers (200); without it, the same from the state file.
    func read(
        _ path: String, query: [(String, String?)] = [], orState read: (Store) async throws -> JSONValue
    ) async throws -> JSONValue {
        if let server = try namedServer() { return try await server.get(path, query: query) }
        let store = try state.openForReading()
        let value = try await read(store)
        try store.close()
        return value
    }

    /// The sidecar that --server names, or the one that runs the state.
    func sidecar() throws -> SidecarClient {
        if let named = try namedServer() { return named }
        let path = state.path
        guard access(path.file, F_OK) == 0 else { throw StoreError.missing(path: path.file) }
        guard let owner = RunLock.owner(of: path), let url = owner.url else {
            throw Failure(
                "no sidecar runs the state \(path)",
                hint: "start `zentra-sync run`, or name one with --server")
        }
        return try SidecarClient(
            url: url, token: LocalCredential(try StateKey.load(path, create: false)).bearer,
            certificate: try owner.certificateFile.map(certificate))
    }

    private func certificate(_ file: String) throws -> [UInt8] {
        switch SecretReader(folders: nil).read(.file(file)) {
        case .success(let value): return value.withBytes { $0 }
        case .failure(let problem): throw Failure("cannot read the certificate of the sidecar: \(problem)")
        }
    }

    /// The certificates of --server-ca-file, which are found out here to be none.
    private func authorities(_ file: String) throws -> [UInt8] {
        let pem = try InputFile.read(file)
        do { _ = try TLSProfile(roots: pem) } catch {
            throw Failure("the CA file `\(file)` holds no certificate", hint: "it has to be PEM")
        }
        return pem
    }

    private func token(_ file: String) throws -> String {
        switch SecretReader(folders: nil).read(.file(AbsolutePath.of(file))) {
        case .success(let value):
            let token = value.withBytes { String(decoding: $0, as: UTF8.self) }
            // Any other character would break the header apart; which one it is must not be shown.
            guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw Failure(
                    "the token file `\(file)` does not hold a token",
                    hint: "it holds one line without spaces, and nothing else")
            }
            return token
        case .failure(let problem): throw Failure("cannot read the token: \(problem)")
        }
    }
}

extension SidecarClient {
    /// What is live there (`GET /api/v1/live`, scope `config:read`).
    func liveState() async throws -> LiveState {
        try Self.understood(LiveState(answer: try await get("/api/v1/live")), "what is live")
    }

    /// The plan with what the sidecar can tell of it.
    func noting(_ plan: Plan, _ live: LiveState) async throws -> Plan {
        try await drifting(try await rotating(try await backtested(plan, live)))
    }

    /// The plan with when the sidecar undoes what was done outside of git.
    private func drifting(_ plan: Plan) async throws -> Plan {
        guard plan.changes.contains(where: \.isDrift) else { return plan }
        let now = UnixTime.now()
        let status = try Self.understood(
            SyncStatus(answer: try await get("/api/v1/sync"), now: now), "where syncing stands")
        return plan.noting(status.drifts, now: now)
    }

    /// The plan with which secrets will rotate there: it alone has the values and the key of their fingerprints.
    private func rotating(_ plan: Plan) async throws -> Plan {
        let notes = try RotationNotes(plan)
        guard !notes.references.isEmpty else { return plan }
        let items = notes.references.map { reference -> JSONValue in
            switch reference.source {
            case .environment(let name): ["name": .string(reference.name), "from": ["env": .string(name)]]
            case .file(let path): ["name": .string(reference.name), "from": ["file": .string(path)]]
            }
        }
        let body: JSONValue = ["items": .array(items)]
        let answer: JSONValue
        do {
            answer = try await post("/api/v1/secret-references/rotation", body: body.utf8)
        } catch let problem as SidecarProblem {
            Console.standard.warning("cannot tell which secrets will rotate: \(problem)")
            return plan
        }
        let rotations = (answer["items"]?.array ?? []).compactMap { item in
            item["rotation"]?.string.flatMap { SecretRotation(name: $0, problem: item["problem"]?.string) }
        }
        guard rotations.count == items.count else {
            Console.standard.warning("cannot tell which secrets will rotate: the sidecar has another version")
            return plan
        }
        return notes.noting(plan, rotations, place: "there")
    }

    /// The plan with its changed conditions tried on the events that are stored there (scope `events:read`).
    private func backtested(_ plan: Plan, _ live: LiveState) async throws -> Plan {
        guard Backtest.isNeeded(plan) else { return plan }
        do {
            let events = try await latestEvents(Backtest.eventLimit)
            return Backtest.noting(plan, live: live.configuration.resources, events: events)
        } catch let problem as SidecarProblem where problem.status == 403 {
            Console.standard.warning(
                "changed conditions are not tried on stored events: \(problem.detail)")
            return plan
        }
    }

    private func latestEvents(_ count: Int) async throws -> [PastEvent] {
        var events: [PastEvent] = []
        var cursor: String?
        repeat {
            let page = try await get(
                "/api/v1/events",
                query: [("limit", String(min(200, count - events.count))), ("cursor", cursor)])
            events += (page["items"]?.array ?? []).compactMap(PastEvent.init(answer:))
            cursor = page["nextCursor"]?.string
        } while cursor != nil && events.count < count
        return events
    }
}
