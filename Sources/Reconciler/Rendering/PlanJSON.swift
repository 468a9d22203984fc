package import JSON

extension PlanReport {
    /// The form for programs; `docs` describe its members. `formatVersion` changes when one of them does.
    package var json: JSONValue {
        [
            "formatVersion": 1, "commit": .string(plan.revision.commit),
            "subject": .string(plan.revision.subject),
            "ref": .string(plan.revision.reference), "serial": .number(JSONNumber(plan.live.serial)),
            "liveCommit": .string(plan.live.commit), "digest": .string(plan.digest),
            "summary": [
                "create": .number(JSONNumber(plan.count(.create))),
                "update": .number(JSONNumber(plan.count(.update))),
                "delete": .number(JSONNumber(plan.count(.delete))),
                "unchanged": .number(JSONNumber(plan.unchanged)),
                "withheld": .number(JSONNumber(plan.withheld.count)),
            ],
            "changes": .array(plan.changes.map(\.json)),
            "withheld": .array(plan.withheld.map(\.json)),
            "refusals": .array(
                refusals.map {
                    [
                        "code": .string($0.code.rawValue), "message": .string($0.message),
                        "hint": .string($0.hint),
                    ]
                }),
        ]
    }
}

extension PlannedChange {
    fileprivate var json: JSONValue {
        var members: JSONObject = [
            "kind": .string(kind), "name": .string(name), "action": .string(action.rawValue),
            "file": desired.map { .string($0.file) } ?? .null,
            "line": desired.map { .number(JSONNumber($0.line)) } ?? .null,
            "fields": .array(fields.map(\.json)),
            "notes": .array(notes.map(JSONValue.string)),
        ]
        if isDrift { members["drift"] = true }
        return .object(members)
    }
}
