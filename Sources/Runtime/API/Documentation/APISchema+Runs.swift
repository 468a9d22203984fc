import JSON
import Resources
import Store
import WorkflowEngine

extension APISchema {
    static let runMembers: KeyValuePairs<String, JSONValue> = [
        "id": string, "workflow": string, "status": choice(RunStatus.allCases.map(\.rawValue)),
        "revision": string, "event": string, "eventType": string, "record": optional(string),
        "error": optional(runError), "chain": object(["root": string, "depth": count]),
        "parent": optional(string), "parentStep": optional(string), "retryOf": optional(string),
        "concurrencyKey": optional(string), "createdAt": time, "startedAt": optional(time),
        "finishedAt": optional(time), "wakeAt": optional(time),
    ]

    /// `step` is absent for an error of the run itself.
    private static let runError = object(
        ["type": string, "message": string, "step": optional(string)], required: ["type", "message"])

    private static let step = object([
        "step": string, "status": choice(StepStatus.allCases.map(\.rawValue)), "attempts": count,
        "paused": bool,
        "inputs": any, "outputs": anyObject, "error": optional(runError), "message": optional(string),
        "startedAt": optional(time), "finishedAt": optional(time), "nextAttemptAt": optional(time),
        "waitsUntil": optional(time),
    ])

    static let runDetail: JSONValue = [
        "allOf": [
            named("Run"),
            object([
                "trigger": named("Event"), "vars": anyObject, "outputs": optional(anyObject),
                "retries": array(string), "children": array(string), "steps": array(step),
                "problem": optional(string),
            ]),
        ]
    ]
}
