package import JSON
import Store

extension SyncStatus {
    /// The form for programs. Times are RFC 3339 in UTC, absent ones null.
    package var json: JSONValue {
        [
            "formatVersion": 1, "serial": .number(JSONNumber(serial)), "sync": syncJSON,
            "lease": lease.map { $0.json(now: now) } ?? .null, "revisions": .array(revisions.map(\.json)),
            "suspensions": .array(suspensions.map(\.json)),
            "drift": [
                "total": .number(JSONNumber(driftTotal)), "recent": .array(drifts.map(\.json)),
            ],
            "resources": .array(resources.map(\.json)),
        ]
    }

    private var syncJSON: JSONValue {
        [
            "source": .string(sync.source), "result": .string(sync.result.rawValue),
            "reason": .string(sync.reason), "message": .string(sync.message),
            "appliedCommit": .string(sync.appliedCommit), "appliedSubject": .string(sync.appliedSubject),
            "appliedAt": .time(sync.appliedAt), "seenCommit": .string(sync.seenCommit),
            "lastAttempt": .time(sync.lastAttempt), "lastSuccess": .time(sync.lastSuccess),
            "failures": .number(JSONNumber(sync.failures)),
        ]
    }
}

extension Lease {
    fileprivate func json(now: UnixTime) -> JSONValue {
        [
            "owner": .string(holder.owner), "host": .string(holder.host),
            "process": .number(JSONNumber(holder.process)), "acquired": .time(acquired),
            "heartbeat": .time(heartbeat), "expires": .time(expires),
            "condition": .string(condition(now: now).rawValue),
        ]
    }
}

extension Suspension {
    fileprivate var json: JSONValue {
        [
            "target": .string(target.text), "reason": .string(reason), "by": .string(createdBy),
            "since": .time(since), "until": .time(until),
            "revision": pinnedSerial.map { .number(JSONNumber($0)) } ?? .null,
        ]
    }
}

extension Drift {
    fileprivate var json: JSONValue {
        [
            "kind": .string(kind), "name": .string(name), "count": .number(JSONNumber(count)),
            "healedAt": .time(healedAt),
        ]
    }
}

extension Revision {
    /// Also an item of ``RevisionHistory``.
    var json: JSONValue {
        [
            "serial": .number(JSONNumber(serial)), "commit": .string(commit), "subject": .string(subject),
            "planDigest": .string(planDigest), "result": .string(result.rawValue),
            "source": .string(source), "created": .number(JSONNumber(created)),
            "updated": .number(JSONNumber(updated)), "deleted": .number(JSONNumber(deleted)),
            "appliedBy": .string(appliedBy), "appliedAt": .time(appliedAt),
            "durationMs": .number(JSONNumber(duration.milliseconds)),
        ]
    }
}

extension ResourceStatus {
    fileprivate var json: JSONValue {
        var members: JSONObject = [
            "kind": .string(kind), "name": .string(name), "condition": .string(condition.rawValue),
            "message": .string(message), "protected": .bool(isProtected), "file": .string(file),
            "line": .number(JSONNumber(line)), "commit": .string(commit),
        ]
        members["suspended"] = suspended.map(JSONValue.string)
        members["pending"] = pending.map { .number(JSONNumber($0)) }
        members["circuitBreaker"] = receiver.map(\.circuitBreaker)
        return .object(members)
    }
}

extension JSONValue {
    fileprivate static func time(_ time: UnixTime?) -> JSONValue {
        time.map { .string($0.description) } ?? .null
    }
}
