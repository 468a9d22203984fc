package import JSON
import Resources
package import Store
import WorkflowEngine

/// Runs of workflows as the API and the command line show them.
package enum RunJSON {
    package static func object(_ run: WorkflowRun) -> JSONObject {
        [
            "id": .string(run.id.text), "workflow": .string(run.workflow),
            "status": .string(run.status.rawValue), "revision": .string(run.revision),
            "event": .string(run.event.text), "eventType": .string(run.eventType),
            "record": text(run.recordID), "error": value(run.error),
            "chain": [
                "root": .string(run.chainRoot.text), "depth": .number(JSONNumber(run.chainDepth)),
            ],
            "parent": text(run.parent?.text), "parentStep": text(run.parentStep),
            "retryOf": text(run.retryOf?.text), "concurrencyKey": text(run.concurrencyKey),
            "createdAt": .string(run.createdAt.description), "startedAt": time(run.startedAt),
            "finishedAt": time(run.finishedAt), "wakeAt": time(run.wakeAt),
        ]
    }

    /// A journal that this version cannot read leaves the steps out and says why.
    package static func object(_ detail: RunDetail) -> JSONObject {
        var members = object(detail.run)
        var (state, problem) = (RunState(), nil as String?)
        do throws(JournalError) {
            state = try RunState(journal: detail.journal.map(\.text))
        } catch {
            problem = "its journal cannot be read: \(error)"
        }
        members["problem"] = text(problem)
        members["trigger"] = EventJSON.value(detail.event)
        members["vars"] = .object(state.vars)
        members["outputs"] = value(detail.outputs)
        members["retries"] = .array(detail.retries.map { .string($0.text) })
        members["children"] = .array(detail.children.map { .string($0.text) })
        members["steps"] = .array(state.orderedSteps.map { step($0.address, $0.state) })
        return members
    }

    private static func step(_ address: StepAddress, _ step: StepState) -> JSONValue {
        [
            "step": .string(address.description), "status": .string(step.status.rawValue),
            "attempts": .number(JSONNumber(step.attempts)), "paused": .bool(step.isPaused),
            "inputs": step.inputs ?? .null, "outputs": .object(step.outputs),
            "error": step.error.map(\.json) ?? .null,
            "message": text(step.message), "startedAt": time(step.startedAt),
            "finishedAt": time(step.endedAt),
            "nextAttemptAt": time(step.retryAt), "waitsUntil": time(step.sleepUntil ?? step.wait?.deadline),
        ]
    }

    private static func time(_ moment: Moment?) -> JSONValue { time(moment.map { UnixTime($0) }) }
    private static func time(_ time: UnixTime?) -> JSONValue { time.map { .string($0.description) } ?? .null }
    private static func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }

    /// Written by this program.
    private static func value(_ text: String?) -> JSONValue {
        text.flatMap { try? JSONValue(parsing: $0) } ?? .null
    }
}
