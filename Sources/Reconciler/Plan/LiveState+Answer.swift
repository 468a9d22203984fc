package import JSON
import Store

extension LiveState {
    /// What a running sidecar says is live: its answer to `GET /api/v1/live`.
    ///
    /// nil when something is missing in it. Forms come back byte for byte, because they are JSON that keeps order and
    /// digits; one that could not be read there comes as `null` and counts as changed by hand.
    package init?(answer: JSONValue) {
        guard let serial = answer["serial"]?.int, let commit = answer["commit"]?.string,
            let resources = answer["resources"]?.all(LiveResource.init(answer:)),
            let suspensions = (answer["suspensions"] ?? []).all(Suspension.init(answer:))
        else { return nil }
        self.init(
            configuration: LiveConfiguration(serial: Int64(serial), resources: resources), commit: commit,
            facts: LiveFacts(
                pendingDeliveries: Self.counts(answer["pendingDeliveries"]),
                unfinishedRuns: Self.counts(answer["unfinishedRuns"]),
                waitingRuns: Self.counts(answer["waitingRuns"]),
                secretsInUse: Self.counts(answer["secretsInUse"])))
        self.suspensions = suspensions
        contentKey = answer["contentKey"]?.string ?? ""
    }

    private static func counts(_ answer: JSONValue?) -> [String: Int] {
        Dictionary((answer?.object ?? [:]).map { ($0.key, $0.value.int ?? 0) }) { first, _ in first }
    }
}

extension Suspension {
    fileprivate init?(answer: JSONValue) {
        guard let target = answer["target"]?.string.map(Target.init), let reason = answer["reason"]?.string,
            let createdBy = answer["createdBy"]?.string,
            let since = answer["since"]?.string.flatMap(UnixTime.init(rfc3339:))
        else { return nil }
        self.init(
            target, reason: reason, createdBy: createdBy, since: since,
            until: answer["until"]?.string.flatMap(UnixTime.init(rfc3339:)),
            pinnedSerial: answer["pinnedSerial"]?.int.map(Int64.init))
    }
}

extension LiveResource {
    fileprivate init?(answer: JSONValue) {
        guard let kind = answer["kind"]?.string, let name = answer["name"]?.string,
            let resource = answer["resource"], let digest = answer["digest"]?.string,
            let isProtected = answer["protected"]?.bool, let file = answer["file"]?.string,
            let line = answer["line"]?.int, let commit = answer["commit"]?.string
        else { return nil }
        self.init(
            kind: kind, name: name, canonical: resource.text, digest: digest, isProtected: isProtected,
            file: file, line: line, commit: commit)
    }
}
