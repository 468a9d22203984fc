package import JSON

/// `Workflow.spec` with its defaults.
package struct WorkflowSpec: Sendable, Hashable {
    package struct Trigger: Sendable, Hashable {
        package enum Source: Sendable, Hashable {
            case event(EventPattern)
            /// The name of the endpoint.
            case inbound(String)
            case schedule(CronExpression, timeZone: String)
            case manual([Input])
        }

        package let source: Source
        package let condition: String?
    }

    /// What the caller of a manual run gives.
    package struct Input: Sendable, Hashable {
        package let name: String
        package let type: InputType
        package let isRequired: Bool
        package let defaultValue: JSONValue?
    }

    package enum Conflict: String, Sendable, CaseIterable {
        case queue, skip, cancelRunning, fail
    }

    package struct Concurrency: Sendable, Hashable {
        package let key: String
        package let limit: Int
        package let onConflict: Conflict
    }

    package struct Dedupe: Sendable, Hashable {
        package let key: String
        package let window: Duration
    }

    package struct Loops: Sendable, Hashable {
        package let maxDepth: Int
        package let allowSelf: Bool
    }

    package enum Exhausted: String, Sendable {
        case fail, pause
    }

    package enum Rollout: String, Sendable {
        case keep, cancel
    }

    package let triggers: [Trigger]
    package let concurrency: Concurrency?
    package let dedupe: Dedupe?
    package let rateLimit: Rate?
    package let timeout: Duration
    /// Payload trees by name.
    package let vars: JSONObject
    package let steps: [WorkflowStep]
    package let onFailure: [WorkflowStep]
    package let finally: [WorkflowStep]
    package let loops: Loops
    package let onExhausted: Exhausted
    package let rollout: Rollout
}

extension WorkflowSpec: SpecDecodable {
    init(_ spec: SpecReader) throws(SpecError) {
        triggers = try spec.objects("triggers").map { (trigger) throws(SpecError) in try Trigger(trigger) }
        concurrency = try spec.optionalObject("concurrency").map { (value) throws(SpecError) in
            Concurrency(
                key: try value.string("key"), limit: try value.int("limit"),
                onConflict: try value.enumeration("onConflict"))
        }
        dedupe = try spec.optionalObject("dedupe").map { (value) throws(SpecError) in
            Dedupe(key: try value.string("key"), window: try value.duration("window"))
        }
        rateLimit = try spec.optionalRate("rateLimit")
        timeout = try spec.duration("timeout")
        vars = spec.tree("vars")
        steps = try spec.steps("steps")
        onFailure = try spec.steps("onFailure")
        finally = try spec.steps("finally")
        let loops = try spec.object("loops")
        self.loops = Loops(maxDepth: try loops.int("maxDepth"), allowSelf: try loops.bool("allowSelf"))
        onExhausted = try spec.enumeration("onExhausted")
        rollout = try spec.enumeration("rollout")
    }
}

extension WorkflowSpec.Trigger {
    init(_ trigger: SpecReader) throws(SpecError) {
        condition = try trigger.optionalString("if")
        if let event = try trigger.optionalString("event") {
            source = .event(EventPattern(event))
        } else if let endpoint = try trigger.optionalString("inbound") {
            source = .inbound(endpoint)
        } else if let schedule = try trigger.optionalObject("schedule") {
            guard let cron = CronExpression(try schedule.string("cron")) else {
                throw SpecError("`cron` has an unusable value")
            }
            source = .schedule(cron, timeZone: try schedule.string("timeZone"))
        } else {
            let manual = try trigger.object("manual")
            source = .manual(
                try manual.entries("inputs").map { (name, input) throws(SpecError) in
                    WorkflowSpec.Input(
                        name: name, type: try input.enumeration("type"),
                        isRequired: try input.bool("required"),
                        defaultValue: input.members["default"])
                })
        }
    }
}
