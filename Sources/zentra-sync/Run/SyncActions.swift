import JSON
import Logging
import Reconciler
import Runtime
import Store

/// What the API of a sidecar does with the reconciler.
struct SyncActions: Sendable {
    let store: Store
    /// Makes a round of syncing begin now.
    let trigger: @Sendable () -> Void
    /// Called after an apply, so that the runtime looks at once.
    let onApplied: @Sendable () -> Void
    /// The status of each live subscription in the form of the API.
    let receivers: @Sendable () -> [String: JSONValue]
    let logger: Logger

    var routes: [APIRoute] {
        SyncRoutes(
            status: {
                let receivers = receivers().compactMapValues(ReceiverStatus.init(status:))
                return try await SyncStatus.read(from: store, now: .now()).noting(receivers).json
            },
            revisions: { try await RevisionHistory.read(from: store, now: .now()).json }, trigger: trigger,
            apply: apply
        ).all
    }

    /// Applies a saved plan that somebody sent: an explicit apply, as the one of the command line is.
    private func apply(_ plan: JSONValue, _ allowsMassDelete: Bool, _ actor: String) async throws
        -> SyncRoutes.ApplyAnswer
    {
        do {
            let saved = try SavedPlan(plan)
            let options = SafetyOptions(allowsMassDelete: allowsMassDelete, acceptsRewrittenHistory: true)
            let applier = Applier(store: store, holder: .thisProcess(owner: "api")) { [logger] warning in
                logger.warning("\(warning)")
            }
            let context = Applier.Context(source: saved.source, appliedBy: "\(actor) (api)")
            switch try await applier.apply(saved.plan, context: context, options: options) {
            case .applied(let serial):
                onApplied()
                return .applied(serial: serial)
            case .upToDate(let serial): return .upToDate(serial: serial)
            case .refused(let refusals): return .refused(refusals.map(\.message).joined(separator: "; "))
            case .stale(let planned, let live):
                return .stale(StalePlan(planned: planned, live: live).description)
            case .leaseLost(let loss): return .busy(loss.description)
            }
        } catch let error as StalePlan {
            return .stale(error.description)
        } catch let error as StoreError {
            guard case .leaseHeld = error else { throw error }
            return .busy(error.description)
        }
    }
}
