import HTTPTypes
import JSON
import Resources
import Store

/// The live configuration with its status; never a value of a secret.
struct ConfigurationRoutes {
    let store: Store
    let configuration: ConfigurationWatcher
    let secrets: SecretStore
    let counters: InboundCounters
    let dispatcher: DeliveryDispatcher

    private static let collections: [(path: String, kind: ResourceKind)] = [
        ("subscriptions", .subscription), ("inbound-endpoints", .inboundEndpoint), ("workflows", .workflow),
        ("secret-references", .secretReference), ("api-tokens", .apiToken), ("sla-policies", .slaPolicy),
    ]

    var all: [APIRoute] {
        Self.collections.map { path, kind in
            APIRoute(
                .get, "/api/v1/\(path)", .scope(.configRead),
                "Lists the live resources of the kind `\(kind)`."
            ) { _ in try await list(kind) }
            .answers(
                .ok, "All of them, by name.",
                APISchema.object([
                    "items": APISchema.array(APISchema.named("Resource")), "nextCursor": ["type": "null"],
                ]))
        } + [live]
    }

    private var live: APIRoute {
        APIRoute(
            .get, "/api/v1/live", .scope(.configRead), "Shows the live configuration in its canonical form."
        ) { _ in
            let live = try await store.liveConfiguration()
            let resources = live.resources.map { row -> JSONValue in
                [
                    "kind": .string(row.kind), "name": .string(row.name), "digest": .string(row.digest),
                    // Written by an apply, which checked it.
                    "resource": (try? JSONValue(parsing: row.canonical)) ?? .null,
                    "file": .string(row.file), "line": .number(JSONNumber(row.line)),
                    "commit": .string(row.commit), "protected": .bool(row.isProtected),
                ]
            }
            return .json([
                "serial": .number(JSONNumber(live.serial)),
                "commit": .string(try await store.syncRecord().appliedCommit),
                "resources": .array(resources),
                "pendingDeliveries": Self.value(try await store.pendingDeliveries()),
                "unfinishedRuns": Self.value(try await store.unfinishedRuns()),
                "waitingRuns": Self.value(try await store.waitingRuns()),
                "secretsInUse": Self.value(try await store.secretsInUse()),
                "suspensions": .array(try await store.suspensions(now: .now()).map(Self.value)),
                "contentKey": .string(try await store.syncBasis().contentKey),
                "problems": .array(configuration.current.problems.map(JSONValue.string)),
            ])
        }
        .answers(
            .ok, "The resources with their digests, and the serial.",
            APISchema.object([
                "serial": APISchema.count, "commit": APISchema.string,
                "problems": APISchema.array(APISchema.string), "pendingDeliveries": APISchema.anyObject,
                "unfinishedRuns": APISchema.anyObject, "waitingRuns": APISchema.anyObject,
                "secretsInUse": APISchema.anyObject,
                "suspensions": APISchema.array(APISchema.anyObject), "contentKey": APISchema.string,
                "resources": APISchema.array(
                    APISchema.object([
                        "kind": APISchema.string, "name": APISchema.string, "digest": APISchema.string,
                        "resource": APISchema.optional(APISchema.anyObject), "file": APISchema.string,
                        "line": APISchema.count,
                        "commit": APISchema.string, "protected": APISchema.bool,
                    ])),
            ]))
    }

    private static func value(_ counts: [String: Int]) -> JSONValue {
        .object(
            JSONObject(counts.sorted { $0.key < $1.key }.map { ($0.key, .number(JSONNumber($0.value))) }))
    }

    private static func value(_ suspension: Suspension) -> JSONValue {
        [
            "target": .string(suspension.target.text), "reason": .string(suspension.reason),
            "createdBy": .string(suspension.createdBy), "since": .string(suspension.since.description),
            "until": suspension.until.map { .string($0.description) } ?? .null,
            "pinnedSerial": suspension.pinnedSerial.map { .number(JSONNumber($0)) } ?? .null,
        ]
    }

    private func list(_ kind: ResourceKind) async throws -> APIResponse {
        let rows = try await store.liveConfiguration().resources.filter { $0.kind == kind.rawValue }
        let queues = kind == .subscription ? dispatcher.statuses : [:]
        let runs = kind == .workflow ? try await store.openRuns() : [:]
        let items = rows.map { row -> JSONValue in
            let canonical = try? JSONValue(parsing: row.canonical)
            return [
                "name": .string(row.name), "labels": canonical?["metadata"]?["labels"] ?? [:],
                "digest": .string(row.digest), "spec": canonical?["spec"] ?? [:],
                "status": .object(status(kind, row.name, queues[row.name], runs[row.name] ?? [:])),
            ]
        }
        return .json(["items": .array(items), "nextCursor": .null])
    }

    private func status(
        _ kind: ResourceKind, _ name: String, _ queue: QueueStatus?, _ runs: [RunStatus: Int]
    ) -> JSONObject {
        let live = configuration.current
        switch kind {
        case .subscription:
            guard let subscription = live.subscriptions[name] else { return Self.unusable }
            return status(of: subscription, queue)
        case .inboundEndpoint:
            guard let endpoint = live.endpoints[name] else { return Self.unusable }
            var status = readiness([endpoint.secrets.current])
            for (result, count) in counters.counts(of: name).sorted(by: { $0.key.rawValue < $1.key.rawValue })
            {
                status[result.rawValue] = .number(JSONNumber(count))
            }
            return status
        case .apiToken:
            return readiness(live.tokens.filter { $0.name == name }.map(\.spec.secretRef))
        case .workflow:
            guard let workflow = live.workflows[name] else { return Self.unusable }
            var status = readiness(workflow.revision.secrets)
            status["runs"] = .object(
                JSONObject(
                    RunStatus.allCases.filter { !$0.isFinal }.map {
                        ($0.rawValue, .number(JSONNumber(runs[$0] ?? 0)))
                    }))
            return status
        case .secretReference: return secret(name)
        default: return ["state": "Ready"]
        }
    }

    /// The status of each live subscription, as the list shows it.
    var receivers: [String: JSONValue] {
        let queues = dispatcher.statuses
        return configuration.current.subscriptions.mapValues { .object(status(of: $0, queues[$0.name])) }
    }

    private func status(of subscription: ActiveSubscription, _ queue: QueueStatus?) -> JSONObject {
        var status = readiness(subscription.requiredSecrets)
        if status["state"] == "Ready" {
            if subscription.spec.suspend { status["state"] = "Suspended" }
            if queue?.isGone == true { status["state"] = "ReceiverGone" }
            if status["state"] == "Ready", case .open? = queue?.breaker { status["state"] = "BreakerOpen" }
        }
        status["pendingDeliveries"] = .number(JSONNumber(store.pending.count(of: subscription.name)))
        status["inFlight"] = .number(JSONNumber(queue?.inFlight ?? 0))
        var breaker: JSONObject = ["state": queue?.breaker.map { .string($0.name) } ?? "off"]
        if case .open(let until)? = queue?.breaker { breaker["until"] = .string(until.description) }
        status["circuitBreaker"] = .object(breaker)
        return status
    }

    private static let unusable: JSONObject = ["state": "Unusable"]

    private func readiness(_ names: [String]) -> JSONObject {
        let missing = names.filter { secrets.value($0) == nil }
        guard !missing.isEmpty else { return ["state": "Ready"] }
        return ["state": "Waiting", "unresolvedSecrets": .array(missing.map(JSONValue.string))]
    }

    private func secret(_ name: String) -> JSONObject {
        guard let status = secrets.statuses().first(where: { $0.name == name }) else { return Self.unusable }
        return [
            "state": status.fingerprint == nil ? "Unresolved" : "Resolved",
            "fingerprint": status.fingerprint.map(JSONValue.string) ?? .null,
            "problem": status.problem.isEmpty ? .null : .string(status.problem),
            "changedAt": .string(status.changedAt.description),
        ]
    }
}
