import HTTPTypes
package import JSON
import NIOCore
import Resources

/// `/api/v1/sync`, `/api/v1/revisions` and `/api/v1/apply`: what the API shows and does of syncing.
///
/// Syncing itself is none of this target's business; whoever puts the process together brings the operations.
package struct SyncRoutes: Sendable {
    /// What became of a saved plan.
    package enum ApplyAnswer: Sendable, Equatable {
        /// Live and durable.
        case applied(serial: Int64)
        /// There was nothing to change.
        case upToDate(serial: Int64)
        /// It is JSON but no saved plan, was edited, or the live state moved on; nothing was written.
        case stale(String)
        /// Safety rules forbid it; nothing was written.
        case refused(String)
        /// Another process applies at the moment; nothing was written.
        case busy(String)
    }

    /// Where syncing stands, as `status --format json` shows it.
    private let status: @Sendable () async throws -> JSONValue
    /// What was applied, as `history --format json` shows it.
    private let revisions: @Sendable () async throws -> JSONValue
    /// Makes a round begin now.
    private let trigger: @Sendable () -> Void
    private let apply:
        @Sendable (_ plan: JSONValue, _ allowsMassDelete: Bool, _ actor: String) async throws -> ApplyAnswer

    /// Bytes of a saved plan; one of 10,000 resources has about 15 million.
    static let planLimit = 64 << 20

    package init(
        status: @escaping @Sendable () async throws -> JSONValue,
        revisions: @escaping @Sendable () async throws -> JSONValue,
        trigger: @escaping @Sendable () -> Void,
        apply:
            @escaping @Sendable (_ plan: JSONValue, _ allowsMassDelete: Bool, _ actor: String) async throws ->
            ApplyAnswer
    ) {
        self.status = status
        self.revisions = revisions
        self.trigger = trigger
        self.apply = apply
    }

    package var all: [APIRoute] {
        [
            APIRoute(
                .get, "/api/v1/sync", .scope(.configRead),
                "Shows where syncing stands: commit, last result, each resource."
            ) { _ in .json(try await status()) }
            .answers(.ok, "As `zentra-sync status --format json` prints it.", Self.schema),
            APIRoute(
                .post, "/api/v1/sync", .scope(.syncWrite),
                "Makes a round of syncing begin now; its result shows in `GET /api/v1/sync`."
            ) { _ in
                let before = try await status()
                trigger()
                return .json(before, .accepted)
            }
            .answers(.accepted, "Asked for; this is where syncing stood before.", Self.schema),
            APIRoute(
                .get, "/api/v1/revisions", .scope(.configRead),
                "Lists what was applied when, from which commit and by whom, newest first."
            ) { _ in .json(try await revisions()) }
            .answers(
                .ok,
                "All that are kept; a rollback goes to one of them, which is `pinned` until somebody resumes.",
                APISchema.object([
                    "items": APISchema.array(APISchema.anyObject), "nextCursor": ["type": "null"],
                ])),
            APIRoute(
                .post, "/api/v1/apply", .scope(.syncWrite),
                "Applies a plan that `zentra-sync plan --out FILE` saved, all of it or nothing.",
                bodyLimit: Self.planLimit, handler: applyPlan
            )
            .query("allowMassDelete", APISchema.bool, "Allows deleting more than 30 % of the live resources.")
            .accepts(APISchema.anyObject)
            .answers(
                .ok, "Live.",
                APISchema.object([
                    "result": APISchema.choice(["applied", "upToDate"]), "serial": APISchema.count,
                ])
            )
            .problems(
                (
                    .conflict,
                    "The plan is stale (`…/problems/stale`) or refused by a safety rule (`…/problems/refused`); nothing was written."
                )),
        ]
    }

    private static let schema = APISchema.object([
        "formatVersion": APISchema.count, "serial": APISchema.count, "sync": APISchema.anyObject,
        "revisions": APISchema.array(APISchema.anyObject), "resources": APISchema.array(APISchema.anyObject),
    ])

    @Sendable private func applyPlan(_ request: APIRequest) async throws -> APIResponse {
        let plan = try request.json()
        let allowsMassDelete = try request.flag("allowMassDelete")
        switch try await apply(plan, allowsMassDelete, request.actor) {
        case .applied(let serial): return Self.answer("applied", serial)
        case .upToDate(let serial): return Self.answer("upToDate", serial)
        case .stale(let reason): throw Problem(.conflict, "stale", "Stale plan", reason)
        case .refused(let reason): throw Problem(.conflict, "refused", "Refused", reason)
        case .busy(let reason): throw Problem.unavailable(reason)
        }
    }

    private static func answer(_ result: String, _ serial: Int64) -> APIResponse {
        .json(["result": .string(result), "serial": .number(JSONNumber(serial))])
    }
}
