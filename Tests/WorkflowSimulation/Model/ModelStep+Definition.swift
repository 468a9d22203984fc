import JSON

extension ModelStep {
    /// The step in a definition's canonical form.
    var json: JSONValue {
        var members: JSONObject = ["id": .string(id)]
        if let condition = self.conditionText { members["if"] = .string(condition) }
        let (name, value) = actionMember
        members[name] = value
        if let maxAttempts {
            members["retry"] = ["maxAttempts": .number(JSONNumber(maxAttempts)), "initialBackoff": "1s"]
        }
        switch action {
        case .sleep(_, let timeout?): members["timeout"] = .string("\(timeout)ms")
        case .endless: members["timeout"] = "1d"
        case .http(let request) where request.hasOutputs:
            members["outputs"] = ["code": "${response.status}", "n": "${response.body.n}"]
        default: break
        }
        if continueOnError { members["continueOnError"] = true }
        if !handlers.isEmpty {
            members["catch"] = .array(
                handlers.map { handler in
                    var object: JSONObject = ["steps": Self.json(handler.steps)]
                    if !handler.fits { object["if"] = "error.type == 'none'" }
                    return .object(object)
                })
        }
        return .object(members)
    }

    static func json(_ steps: [ModelStep]) -> JSONValue { .array(steps.map(\.json)) }

    private var conditionText: String? {
        if case .fail(.iteration(let index)) = action { return "i_\(loops.last ?? "") == \(index)" }
        return condition.map { "\(number) \($0 ? ">" : "<") 0" }
    }

    /// CEL for `<run>/<step>/<index>…`, which no other step has.
    private var ownName: String {
        (["run.id + '/\(id)'"] + loops.map { "'/' + string(i_\($0))" }).joined(separator: " + ")
    }

    private var actionMember: (String, JSONValue) {
        switch action {
        case .set: return ("set", ["v": .string("${\(ownName)}")])
        case .broken: return ("set", ["v": "${event.data.nothing}"])
        case .http(let request): return ("http", json(request))
        case .wait(let wait): return ("waitFor", json(wait))
        case .sleep(let milliseconds, _): return ("sleep", ["for": .string("\(milliseconds)ms")])
        case .sleepUntil(let milliseconds):
            return ("sleep", ["until": .string("event.ts + duration('\(milliseconds)ms')")])
        case .create: return ("create", ["record": "ticket", "set": ["subject": .string("${\(ownName)}")]])
        case .update(let isKnown):
            return (
                "update",
                [
                    "record": "ticket", "id": isKnown ? "tkt_known" : "tkt_none",
                    "set": ["subject": .string("${\(ownName)}")],
                ]
            )
        case .upsert:
            return (
                "upsert",
                [
                    "record": "ticket", "match": ["subject": .string("${\(ownName)}")],
                    "set": ["priority": "high"], "onCreate": ["category": "new"],
                ]
            )
        case .find(let isKnown):
            return ("find", ["record": "ticket", "match": ["key": isKnown ? "INC-1" : "INC-0"]])
        case .emit(let type):
            return (
                "emit",
                ["type": .string(type), "data": ["by": .string("${\(ownName)}"), "id": "shared", "x": 1]]
            )
        case .call(let workflow):
            return (
                "call", ["workflow": .string(workflow ?? "nobody"), "with": ["id": .string("${\(ownName)}")]]
            )
        case .fail: return ("fail", ["message": "as told"])
        case .choose(let taken, let blocks):
            let cases = blocks.dropLast().enumerated().map { index, steps -> JSONValue in
                [
                    "if": .string("\(number) \(index == taken ? ">" : "<") 0"),
                    "steps": Self.json(steps),
                ]
            }
            // A `switch` has a case at least.
            let never: JSONValue = ["if": .string("\(number) < 0"), "steps": []]
            return (
                "switch", ["cases": .array([never] + cases), "default": Self.json(blocks.last ?? [])]
            )
        case .parallel(let branches, let failFast): return ("parallel", Self.parallel(branches, failFast))
        case .endless: return ("parallel", Self.parallel(blocks, true))
        case .loop(let count, let concurrency, let failFast, let steps):
            return (
                "forEach",
                [
                    "items": .string("lists.range(\(count))"), "as": .string("i_\(id)"),
                    "concurrency": .number(JSONNumber(concurrency)), "failFast": .bool(failFast),
                    "steps": Self.json(steps),
                ]
            )
        }
    }

    private static func parallel(_ branches: [[ModelStep]], _ failFast: Bool) -> JSONValue {
        let named = branches.enumerated().map { ("b\($0.offset)", json($0.element)) }
        return ["branches": .object(JSONObject(named)), "failFast": .bool(failFast)]
    }

    private func json(_ request: ModelRequest) -> JSONValue {
        var members: JSONObject = [
            "method": .string(request.method), "url": "https://example.com/", "query": ["by": .string(id)],
            "headers": ["X-By": "${secrets['token']}"],
        ]
        if request.method != "GET" {
            members["body"] = ["by": .string("${\(ownName)}"), "x": .string("${\(number)}")]
        }
        if request.takesNotFound { members["expect"] = "response.status in [200, 404]" }
        if request.isAtMostOnce { members["delivery"] = "atMostOnce" }
        return .object(members)
    }

    private func json(_ wait: ModelWait) -> JSONValue {
        var members = JSONObject()
        switch wait.source {
        case .callback: members["callback"] = [:]
        case .inbound: members["inbound"] = "e"
        case .event: members["event"] = "custom.reply"
        }
        if case .shared = wait.arrival {
            members["key"] = "'shared'"
        } else if members["callback"] == nil {
            members["key"] = .string(ownName)
        }
        if wait.isNamed {
            members["anyOf"] = ["a": "message.data.n == 1", "b": "message.data.n == 2"]
        } else {
            members["match"] = "message.data.ok"
        }
        if let timeout = wait.timeout {
            members["timeout"] = .string("\(timeout)m")
            members["onTimeout"] = wait.continues ? "continue" : "fail"
        }
        return .object(members)
    }
}

extension ModelWorkflow {
    /// The workflow in canonical form.
    var json: JSONValue {
        var spec: JSONObject = [
            "triggers": .array(
                triggers.map(\.json)
                    + [
                        [
                            "manual": [
                                "inputs": ["id": ["type": "string"], "x": ["type": "integer", "default": 1]]
                            ]
                        ]
                    ]
            ),
            "vars": ["by": .string("${\(key("x", orElse: "1"))}")], "steps": ModelStep.json(steps),
            "onFailure": ModelStep.json(onFailure), "finally": ModelStep.json(finally),
            "loops": ["maxDepth": .number(JSONNumber(maxDepth)), "allowSelf": .bool(allowSelf)],
        ]
        if let concurrency {
            spec["concurrency"] = [
                "key": .string(needsData ? "event.data.x" : key("x", orElse: "1")),
                "limit": .number(JSONNumber(concurrency.limit)),
                "onConflict": .string(concurrency.onConflict),
            ]
        }
        if let dedupe {
            spec["dedupe"] = [
                "key": .string(needsData ? "event.data.id" : key("id", orElse: "event.data.scheduledAt")),
                "window": .string("\(dedupe)s"),
            ]
        }
        if endsOlder { spec["rollout"] = "cancel" }
        if let rate { spec["rateLimit"] = .string("\(rate)/s") }
        if let timeout { spec["timeout"] = .string("\(timeout)h") }
        if pauses { spec["onExhausted"] = "pause" }
        return [
            "apiVersion": "sync.zentra.dev/v1", "kind": "Workflow", "metadata": ["name": .string(name)],
            "spec": .object(spec),
        ]
    }

    /// CEL for a member of the event's data, which those of a schedule do not have.
    private func key(_ member: String, orElse other: String) -> String {
        isScheduled ? "has(event.data.\(member)) ? event.data.\(member) : \(other)" : "event.data.\(member)"
    }
}

extension ModelWorkflow.Trigger {
    fileprivate var json: JSONValue {
        switch self {
        case .event(let type, let holds):
            ["event": .string(type), "if": holds ? "event.data.x > 0" : "event.data.x < 0"]
        case .inbound(let endpoint): ["inbound": .string(endpoint), "if": "event.data.x > 0"]
        case .schedule(let minutes, let holds):
            [
                "schedule": ["cron": .string(minutes == 60 ? "0 * * * *" : "*/\(minutes) * * * *")],
                "if": holds ? "event.data.scheduledAt != ''" : "event.data.scheduledAt == ''",
            ]
        }
    }
}
