import CLibYAML
import GRDBSQLite
import Glibc
import JSON
import Logging
import Reconciler
import Resources
import Store

/// From files to a live configuration, at several sizes; each size in a process of its own, so that its memory is its own.
///
/// Limits of the same run: libyaml's events over the same bytes, and SQLite's insertions of the same rows, without
/// anything of ours around them.
enum ReconcilerBenchmarks {
    static let sizes = [100, 1_000, 10_000, 100_000]
    static let oneChange = "one changed file, read to applied"
    /// The hidden argument that makes the process measure one size.
    static let argument = "--reconcile"

    /// Measures one size.
    static func run(size: Int) throws -> JSONValue {
        try JSONValue(parsing: Array(ChildBenchmark.output(of: [argument, String(size)]).utf8))
    }

    /// What the process for one size does: measures, and prints JSON.
    static func measure(_ size: Int) async throws {
        let folder = try BenchmarkFolder()
        defer { folder.remove() }
        let repository = folder.path + "/config"
        try write(size, to: repository)
        let runs = size >= 100_000 ? 1 : size >= 10_000 ? 3 : 5
        var steps = Steps(runs: runs)
        let files = try DirectoryReader(root: repository).files()

        // Ours first: the peak of the limits must not count.
        var loaded: DesiredState?
        try await steps.add("cold plan") {
            let source = DesiredSource.folder(repository)
            var reader = ConfigurationReader()
            let report = try await PlanReport.make(
                try await source.fetch(), reader: &reader, live: .missing, options: SafetyOptions())
            precondition(report.plan.changes.count == size + 1)
        }
        var reader = ConfigurationReader()
        let snapshot = try await DesiredSource.folder(repository).fetch()
        let plan = try await PlanReport.make(
            snapshot, reader: &reader, live: .missing, options: SafetyOptions()
        ).plan
        let coldPeak = peakMemory()
        var applies = 0
        try await steps.add("apply of creations") {
            applies += 1
            let file = "\(folder.path)/apply-\(applies).db"
            let store = try Store.open(StatePath(file), mode: .write, now: .now())
            let applier = Applier(store: store, holder: .thisProcess(owner: "bench"), warn: { _ in })
            _ = try await applier.apply(
                plan, context: .init(source: "bench", appliedBy: "bench"), options: SafetyOptions())
            try store.close()
        }
        let store = try Store.open(StatePath(folder.path + "/state.db"), mode: .write, now: .now())
        let changing = ChangingSource(files)
        let synchronizer = Synchronizer(
            .init(rules: "bench", safety: SafetyOptions(), appliedBy: "bench"), source: changing.source,
            store: store, holder: .thisProcess(owner: "bench"),
            logger: Logger(label: "bench") { _ in Quiet() })
        guard case .applied = await synchronizer.runOnce() else { preconditionFailure("not applied") }
        let live = try await LiveState.read(from: store)
        try await steps.add("unchanged plan, nothing known") {
            var reader = ConfigurationReader()
            let report = try await PlanReport.make(
                snapshot, reader: &reader, live: live, options: SafetyOptions())
            precondition(report.plan.isEmpty)
        }
        try await steps.add("unchanged plan, files known") {
            let report = try await PlanReport.make(
                snapshot, reader: &reader, live: live, options: SafetyOptions())
            precondition(report.plan.isEmpty)
        }
        try await steps.add(oneChange) {
            changing.change()
            guard case .applied(let plan, _) = await synchronizer.runOnce(), plan.changes.count == 1 else {
                preconditionFailure("not applied")
            }
        }
        let polls = 100
        let processorBefore = processorTime()
        try await steps.add("no-op poll (\(polls) of them)") {
            for _ in 0..<polls {
                guard case .upToDate = await synchronizer.runOnce() else {
                    preconditionFailure("not up to date")
                }
            }
        }
        let pollMicroseconds = (processorTime() - processorBefore) / (runs > 1 ? runs + 1 : 1) / polls
        try store.close()
        let peak = peakMemory()

        let texts = try files.map { file in try contents(repository + "/" + file.path) }
        try await steps.limit(
            "libyaml alone, all events", for: ["cold plan", "unchanged plan, nothing known"]
        ) {
            for text in texts { LibYAMLLimit.parse(text) }
        }
        var loader = Loader()
        loaded = try loader.load(files).desiredState()
        let resources = loaded?.resources ?? []
        var insertions = 0
        try await steps.limit("SQLite alone, the same rows", for: ["apply of creations"]) {
            insertions += 1
            try SQLiteLimit.insert(resources, into: "\(folder.path)/limit-\(insertions).db")
        }
        print(
            JSONValue.object([
                "size": .number(JSONNumber(size)), "peakKiB": .number(JSONNumber(peak)),
                "coldPlanPeakKiB": .number(JSONNumber(coldPeak)),
                "noopPollProcessorMicroseconds": .number(JSONNumber(pollMicroseconds)),
                "items": .array(steps.json),
            ]).text)
    }

    /// One secret, and subscriptions with it, each in a file of its own.
    private static func write(_ count: Int, to folder: String) throws {
        try BenchmarkFolder.make(folder)
        try BenchmarkFolder.write(secret, to: folder + "/key.yaml")
        for number in 0..<count {
            try BenchmarkFolder.write(subscription(number, url: "v1"), to: "\(folder)/s\(number).yaml")
        }
    }

    static let secret = """
        apiVersion: sync.zentra.dev/v1
        kind: SecretReference
        metadata: {name: key}
        spec: {from: {env: KEY}}

        """

    /// About 350 bytes.
    static func subscription(_ number: Int, url: String) -> String {
        """
        apiVersion: sync.zentra.dev/v1
        kind: Subscription
        metadata:
          name: subscription-\(number)
          labels: {team: it-ops}
        spec:
          targetURL: https://receiver-\(number).example.com/hooks/\(url)
          events: [ticket.created, ticket.resolved]
          filter: event.data.priority in ['high', 'critical']
          signing: {secretRef: key}
          timeout: 15s
          retry: {maxAttempts: 10, initialBackoff: 5s}

        """
    }

    private static func contents(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "r") else { throw BenchmarkFailure("cannot read \(path)") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        return Array(bytes[..<fread(&bytes, 1, bytes.count, file)])
    }

    /// KiB that were resident at most (`getrusage(2)`).
    private static func peakMemory() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss
    }

    /// Microseconds of processor time.
    private static func processorTime() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000_000 + Int(usage.ru_utime.tv_usec)
            + Int(usage.ru_stime.tv_usec)
    }
}

/// The medians of the steps, and their ratios to the limits.
private struct Steps {
    private let runs: Int
    private var medians: [(name: String, seconds: Double)] = []
    private var limits: [(name: String, seconds: Double, steps: [String])] = []

    init(runs: Int) { self.runs = runs }

    mutating func add(_ name: String, _ run: () async throws -> Void) async throws {
        medians.append((name, try await median(run)))
    }

    mutating func limit(_ name: String, for steps: [String], _ run: () async throws -> Void) async throws {
        limits.append((name, try await median(run), steps))
    }

    /// After one run that does not count, where there are several.
    private func median(_ run: () async throws -> Void) async throws -> Double {
        if runs > 1 { try await run() }
        var times: [Double] = []
        for _ in 0..<runs {
            let duration = try await ContinuousClock().measure { try await run() }
            times.append(Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18)
        }
        return times.sorted()[runs / 2]
    }

    var json: [JSONValue] {
        limits.map { Self.json($0.name, $0.seconds, nil, isLimit: true) }
            + medians.map { step in
                let limit = limits.first { $0.steps.contains(step.name) }?.seconds
                return Self.json(step.name, step.seconds, limit.map { step.seconds / $0 })
            }
    }

    /// The ratio in thousandths.
    private static func json(
        _ name: String, _ seconds: Double, _ ratio: Double?, isLimit: Bool = false
    ) -> JSONValue {
        var members: JSONObject = [
            "name": .string(name), "microseconds": .number(JSONNumber(Int(seconds * 1e6))),
        ]
        if isLimit { members["isLimit"] = true }
        if let ratio { members["ratio"] = .number(JSONNumber(Int(ratio * 1000))) }
        return .object(members)
    }
}

/// libyaml's parser, without anything around it.
private enum LibYAMLLimit {
    static func parse(_ bytes: [UInt8]) {
        var parser = yaml_parser_t()
        precondition(yaml_parser_initialize(&parser) == 1)
        defer { yaml_parser_delete(&parser) }
        bytes.withUnsafeBufferPointer { text in
            yaml_parser_set_input_string(&parser, text.baseAddress, text.count)
            var isEnd = false
            while !isEnd {
                var event = yaml_event_t()
                precondition(yaml_parser_parse(&parser, &event) == 1)
                isEnd = event.type == YAML_STREAM_END_EVENT
                yaml_event_delete(&event)
            }
        }
    }
}

/// SQLite's insertions in one durable transaction, without anything around them.
private enum SQLiteLimit {
    static func insert(_ resources: [Resource], into file: String) throws {
        var connection: OpaquePointer?
        guard sqlite3_open(file, &connection) == SQLITE_OK else {
            throw BenchmarkFailure("cannot open \(file)")
        }
        defer { sqlite3_close(connection) }
        let schema = """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
            CREATE TABLE resource (kind TEXT NOT NULL, name TEXT NOT NULL, canonical TEXT NOT NULL, digest TEXT NOT NULL,
                PRIMARY KEY (kind, name)) STRICT;
            BEGIN IMMEDIATE;
            """
        sqlite3_exec(connection, schema, nil, nil, nil)
        var statement: OpaquePointer?
        sqlite3_prepare_v2(connection, "INSERT INTO resource VALUES (?, ?, ?, ?)", -1, &statement, nil)
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        for resource in resources {
            let values = [
                resource.id.kind.rawValue, resource.id.name, resource.canonical, resource.digest.hex,
            ]
            for (index, value) in values.enumerated() {
                sqlite3_bind_text(statement, Int32(index + 1), value, -1, transient)
            }
            guard sqlite3_step(statement) == SQLITE_DONE else { throw BenchmarkFailure("cannot insert") }
            sqlite3_reset(statement)
        }
        sqlite3_finalize(statement)
        guard sqlite3_exec(connection, "COMMIT", nil, nil, nil) == SQLITE_OK else {
            throw BenchmarkFailure("cannot commit")
        }
    }
}
