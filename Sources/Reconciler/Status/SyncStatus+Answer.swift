package import JSON
package import Store

extension SyncStatus {
    /// What a running sidecar says of its state: its answer to `GET /api/v1/sync`.
    ///
    /// nil when something is missing in it, or when it is of another form's version.
    package init?(answer: JSONValue, now: UnixTime) {
        guard answer["formatVersion"]?.int == 1, let serial = answer["serial"]?.int,
            let sync = answer["sync"].flatMap(SyncRecord.init(answer:)),
            let revisions: [Revision] = answer["revisions"]?.all(Revision.init(answer:)),
            let suspensions = answer["suspensions"]?.all(Suspension.init(statusAnswer:)),
            let drifts = answer["drift"]?["recent"]?.all(Drift.init(answer:)),
            let driftTotal = answer["drift"]?["total"]?.int,
            let resources = answer["resources"]?.all(ResourceStatus.init(answer:))
        else { return nil }
        self.init(
            sync: sync, serial: Int64(serial), lease: answer["lease"].flatMap(Lease.init(answer:)),
            revisions: revisions, resources: resources, now: now, suspensions: suspensions, drifts: drifts,
            driftTotal: driftTotal)
    }
}

extension SyncRecord {
    fileprivate init?(answer: JSONValue) {
        guard let result = answer["result"]?.string.flatMap(Result.init(rawValue:)),
            let source = answer["source"]?.string, let commit = answer["appliedCommit"]?.string,
            let failures = answer["failures"]?.int
        else { return nil }
        self.init()
        self.result = result
        self.source = source
        self.failures = failures
        appliedCommit = commit
        appliedSubject = answer["appliedSubject"]?.string ?? ""
        appliedAt = answer["appliedAt"]?.time
        seenCommit = answer["seenCommit"]?.string ?? ""
        reason = answer["reason"]?.string ?? ""
        message = answer["message"]?.string ?? ""
        lastAttempt = answer["lastAttempt"]?.time
        lastSuccess = answer["lastSuccess"]?.time
    }
}

extension Lease {
    /// The boot is not told; nobody takes a lease over by what is shown of it.
    fileprivate init?(answer: JSONValue) {
        guard let owner = answer["owner"]?.string, let host = answer["host"]?.string,
            let process = answer["process"]?.int.flatMap(Int32.init(exactly:)),
            let acquired = answer["acquired"]?.time, let heartbeat = answer["heartbeat"]?.time,
            let expires = answer["expires"]?.time
        else { return nil }
        self.init(
            holder: Holder(owner: owner, host: host, process: process, bootID: ""), acquired: acquired,
            heartbeat: heartbeat, expires: expires)
    }
}

extension Suspension {
    fileprivate init?(statusAnswer answer: JSONValue) {
        guard let target = answer["target"]?.string, let since = answer["since"]?.time else { return nil }
        self.init(
            Target(target), reason: answer["reason"]?.string ?? "", createdBy: answer["by"]?.string ?? "",
            since: since, until: answer["until"]?.time,
            pinnedSerial: answer["revision"]?.int.map(Int64.init))
    }
}

extension Drift {
    fileprivate init?(answer: JSONValue) {
        guard let kind = answer["kind"]?.string, let name = answer["name"]?.string,
            let count = answer["count"]?.int, let healedAt = answer["healedAt"]?.time
        else { return nil }
        self.init(kind: kind, name: name, count: count, healedAt: healedAt)
    }
}

extension Revision {
    /// Also an item of ``RevisionHistory``.
    init?(answer: JSONValue) {
        guard let serial = answer["serial"]?.int, let commit = answer["commit"]?.string,
            let appliedAt = answer["appliedAt"]?.time,
            let result = answer["result"]?.string.flatMap(Result.init(rawValue:))
        else { return nil }
        func text(_ name: String) -> String { answer[name]?.string ?? "" }
        func count(_ name: String) -> Int { answer[name]?.int ?? 0 }
        self.init(
            serial: Int64(serial), commit: commit, subject: text("subject"), planDigest: text("planDigest"),
            created: count("created"), updated: count("updated"), deleted: count("deleted"), result: result,
            source: text("source"), appliedBy: text("appliedBy"), appliedAt: appliedAt,
            duration: .milliseconds(count("durationMs")))
    }
}

extension ResourceStatus {
    fileprivate init?(answer: JSONValue) {
        guard let kind = answer["kind"]?.string, let name = answer["name"]?.string,
            let condition = answer["condition"]?.string.flatMap(Condition.init(rawValue:))
        else { return nil }
        self.init(
            kind: kind, name: name, condition: condition, message: answer["message"]?.string ?? "",
            file: answer["file"]?.string ?? "", line: answer["line"]?.int ?? 0,
            commit: answer["commit"]?.string ?? "", isProtected: answer["protected"]?.bool ?? false,
            pending: answer["pending"]?.int, suspended: answer["suspended"]?.string,
            receiver: ReceiverStatus(state: condition.rawValue, circuitBreaker: answer["circuitBreaker"]))
    }
}

extension JSONValue {
    fileprivate var time: UnixTime? { string.flatMap(UnixTime.init(rfc3339:)) }

    /// nil when it is no list, or one of its items cannot be read.
    func all<Item>(_ read: (JSONValue) -> Item?) -> [Item]? {
        guard let list = array else { return nil }
        let items = list.compactMap(read)
        return items.count == list.count ? items : nil
    }
}
