import ArgumentParser
import JSON
import Reconciler
import Store

struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Apply what plan shows, in one transaction.")

    @Argument(
        help: "A saved plan: exactly that, or nothing when the live state moved on.", completion: .file())
    var plan: String?

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var safety: SafetyFlags
    @OptionGroup var source: SourceOptions
    @OptionGroup var live: LiveOptions
    @OptionGroup var output: OutputOptions

    private var state: StateOptions { live.state }

    func validate() throws {
        if plan != nil && (source.repo != nil || source.dir != nil) {
            throw ValidationError("a saved plan says itself where it comes from; leave out --repo and --dir")
        }
        if plan != nil && (source.environment.env != nil || source.verifySignatures != nil) {
            throw ValidationError(
                "a saved plan was read and checked when it was made; leave out --env and --verify-signatures")
        }
    }

    func run() async throws {
        let saved = try plan.map { try SavedPlan(reading: try InputFile.read($0)) }
        if saved == nil { try source.requireSource() }
        if let server = try live.namedServer() { return try await apply(saved, on: server) }
        let store = try Store.open(state.path, mode: .write, now: .now())
        _ = try StateKey.load(state.path, create: true)
        do {
            let desired = try saved == nil ? source.source(beside: state.path) : nil
            try await apply(saved, desired, store)
        } catch {
            try store.close()
            throw error
        }
        try store.close()
    }

    private func apply(_ saved: SavedPlan?, _ desired: DesiredSource?, _ store: Store) async throws {
        let live = try await LiveState.read(from: store)
        if saved != nil { warn(live) }
        let (report, contentKey) = try await report(saved, desired, live: live)
        try show(report)
        let applier = Applier(
            store: store, holder: .thisProcess(owner: "apply"), warn: Console.standard.warning)
        let context = Applier.Context(
            source: saved?.source ?? desired?.description ?? "", appliedBy: "\(Person.name) (apply)",
            contentKey: contentKey)
        switch try await applier.apply(report.plan, context: context, options: safety.options) {
        case .applied(let serial): Console.standard.print("\nApplied, serial \(serial).")
        case .upToDate: Console.standard.print("\nNothing to apply.")
        case .refused: throw ExitStatus.refused.end
        case .stale(let planned, let now):
            guard saved == nil else { throw StalePlan(planned: planned, live: now) }
            throw Failure(
                "cannot apply: another apply moved the live state from serial \(planned) to \(now) meanwhile",
                hint: "run it again")
        case .leaseLost(let loss): throw Failure("cannot apply: \(loss)", hint: loss.hint)
        }
    }

    /// Sends a saved plan, or the one that is made now, to a running sidecar.
    private func apply(_ saved: SavedPlan?, on server: SidecarClient) async throws {
        let desired = try saved == nil ? source.source(beside: state.path) : nil
        let live = try await server.liveState()
        if saved != nil { warn(live) }
        let (report, _) = try await report(saved, desired, live: live)
        try show(report)
        let plan = saved ?? SavedPlan(report.plan, source: desired?.description ?? "")
        do {
            let path = "/api/v1/apply" + (safety.allowMassDelete ? "?allowMassDelete=true" : "")
            let answer = try await server.post(path, body: Array(plan.text.utf8))
            let isApplied = answer["result"]?.string == "applied"
            Console.standard.print(
                isApplied ? "\nApplied, serial \(answer["serial"]?.int ?? 0)." : "\nNothing to apply.")
        } catch let problem as SidecarProblem where problem.code == "refused" {
            Console.standard.error(problem.description, hint: nil)
            throw ExitStatus.refused.end
        } catch let problem as SidecarProblem where problem.code == "stale" {
            throw Failure(problem.detail, hint: "make a new one with `zentra-sync plan --out FILE`")
        } catch let failure as Failure where failure.hint == nil {
            // The answer may be what got lost.
            throw Failure(
                failure.description,
                hint: "`zentra-sync history\(self.live.arguments)` shows whether it was applied")
        }
    }

    private func warn(_ live: LiveState) {
        for stop in live.suspensions where stop.target == .all {
            Console.standard.warning(
                "syncing is suspended \(stop.summary); this apply goes ahead all the same")
        }
    }

    /// What the saved plan, or the desired state, means for what is live; and which files are live after it.
    private func report(
        _ saved: SavedPlan?, _ desired: DesiredSource?, live: LiveState
    ) async throws -> (PlanReport, contentKey: String?) {
        if let saved { return (try PlanReport(saved, live: live, options: safety.options), nil) }
        guard let desired else { preconditionFailure("there is a saved plan or a source") }
        let (report, contentKey) = try await Planning.report(
            desired, live: live, options: safety.options, environment: source.environment.env,
            palette: output.errorPalette)
        return (report, live.suspensions.contains { $0.target != .all } ? "" : contentKey)
    }

    /// Prints the plan and asks whether to apply it.
    private func show(_ report: PlanReport) throws {
        Console.standard.write(PlanFormat.human.text(report, palette: output.palette))
        guard report.refusals.isEmpty else { throw ExitStatus.refused.end }
        if !report.plan.isEmpty { try Confirmation.ask("Apply these changes?", yes: yes) }
    }
}
