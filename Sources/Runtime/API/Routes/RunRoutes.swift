import HTTPTypes
import JSON
import NIOCore
import Resources
import Store
import WorkflowEngine

/// `/api/v1/runs` and the start of runs by hand.
struct RunRoutes {
    let store: Store
    let control: RunControl
    let clock: any WallClock
    let maxBody: Int

    var all: [APIRoute] {
        [
            APIRoute(
                .get, "/api/v1/runs", .scope(.runsRead), "Lists runs of workflows, newest first.",
                handler: list
            )
            .lists(APISchema.named("Run"))
            .query("workflow", APISchema.string, "Only of this workflow.")
            .query(
                "status", APISchema.choice(RunStatus.allCases.map(\.rawValue)),
                "Only with this status."
            )
            .query("since", APISchema.time, "Only those made at that time or later."),
            APIRoute(
                .get, "/api/v1/runs/{id}", .scope(.runsRead),
                "Shows a run with each step: the values of its inputs, its result, attempts and times.",
                handler: show
            )
            .answers(.ok, "The run.", APISchema.named("RunDetail"))
            .problems((.notFound, "There is no such run.")),
            command(
                "cancel", "Ends a run; its `finally` still happens.", "It has ended already.", "cancelled",
                control.cancel),
            command(
                "resume", "Lets a paused run go on: its step gets as many attempts again.",
                "It is not paused.",
                "resumed", control.resume),
            retry, start,
        ]
    }

    private func command(
        _ name: String, _ doc: String, _ conflict: String, _ participle: String,
        _ body: @escaping @Sendable (WorkflowRunID) async throws -> RunCommandResult
    ) -> APIRoute {
        APIRoute(.post, "/api/v1/runs/{id}/\(name)", .scope(.runsWrite), doc) { request in
            let id = WorkflowRunID(request.parameter("id"))
            switch try await body(id) {
            case .accepted(let status, _):
                return .json(["id": .string(id.text), "status": .string(status.rawValue)], .accepted)
            case .unknown: throw Problem.notFound("run `\(id)`")
            case .impossible(let status):
                throw Problem.conflict("the run `\(id)` is \(status.rawValue): it cannot be \(participle)")
            }
        }
        .answers(.accepted, "Stored; the run carries it out.", Self.reference)
        .problems((.notFound, "There is no such run."), (.conflict, conflict))
    }

    private var retry: APIRoute {
        APIRoute(
            .post, "/api/v1/runs/{id}/retry", .scope(.runsWrite),
            "Does a run again from its failed step, as a new run of the same revision.",
            bodyLimit: Self.bodyLimit
        ) { request in
            let id = WorkflowRunID(request.parameter("id"))
            let idempotency = try Idempotency(request)
            switch try await control.retry(id, idempotency) {
            case .started(let response): return response
            case .unknown: throw Problem.notFound("run `\(id)`")
            case .impossible(let status):
                throw Problem.conflict(
                    "the run `\(id)` is \(status.rawValue): only a failed or cancelled run is done again")
            case .neverBegan: throw Problem.conflict("the run `\(id)` never began")
            case .unreadable(let reason):
                throw Problem.conflict("the run `\(id)` cannot be done again: \(reason)")
            }
        }
        .answers(.created, "The new run.", Self.reference, headers: [.location])
        .problems(
            (.notFound, "There is no such run."), (.conflict, "It has not failed, or it never began.")
        )
        .idempotent
    }

    private var start: APIRoute {
        APIRoute(
            .post, "/api/v1/workflows/{name}/runs", .scope(.runsWrite),
            "Starts a run of a workflow with the trigger `manual`.", bodyLimit: maxBody
        ) { request in
            let inputs = try Self.inputs(request)
            return try await control.start(
                request.parameter("name"), inputs: inputs,
                source: "token:\(request.caller?.name ?? "")", try Idempotency(request))
        }
        .accepts(APISchema.object(["inputs": APISchema.anyObject], required: [], isClosed: true))
        .answers(.created, "The run; it is running or queued.", Self.reference, headers: [.location])
        .answers(
            .ok, "Nothing was started: `dedupe` or `onConflict: skip` is against it.",
            APISchema.object(["id": ["type": "null"], "status": APISchema.string])
        )
        .problems(
            (.notFound, "There is no such workflow."),
            (.conflict, "`onConflict: fail`, or a bound, is against it; the run is recorded.")
        )
        .idempotent
    }

    private static let bodyLimit = 1 << 10
    private static let reference = APISchema.object(["id": APISchema.string, "status": APISchema.string])

    private static func inputs(_ request: APIRequest) throws -> JSONObject {
        guard request.body.readableBytes > 0 else { return [:] }
        guard let body = try request.json().object else { throw Problem.invalid("the body is not an object") }
        for name in body.keys where name != "inputs" { throw Problem.unknownField(name) }
        guard let inputs = (body["inputs"] ?? [:]).object else {
            throw Problem.invalid("`inputs` is not an object", pointer: "/inputs")
        }
        return inputs
    }

    @Sendable private func list(_ request: APIRequest) async throws -> APIResponse {
        let parameters = try ListParameters(request)
        var filter = RunFilter(workflow: request.query("workflow"), since: try request.time("since"))
        filter.status = try request.choice("status")
        let page = try await store.runs(filter, before: parameters.before, limit: parameters.limit)
        return .page(page) { .object(RunJSON.object($0)) }
    }

    @Sendable private func show(_ request: APIRequest) async throws -> APIResponse {
        guard let detail = try await store.run(WorkflowRunID(request.parameter("id"))) else {
            throw Problem.notFound("run `\(request.parameter("id"))`")
        }
        return .json(.object(RunJSON.object(detail)))
    }
}
