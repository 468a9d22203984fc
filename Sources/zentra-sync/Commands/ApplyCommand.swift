import ArgumentParser
import Reconciler
import Store

struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Apply what plan shows, in one transaction.")

    @Argument(help: "A saved plan: exactly that, or nothing when the live state moved on.")
    var plan: String?

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var safety: SafetyFlags
    @OptionGroup var source: SourceOptions
    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if plan != nil && (source.repo != nil || source.dir != nil) {
            throw ValidationError("a saved plan says itself where it comes from; leave out --repo and --dir")
        }
    }

    func run() async throws {
        let saved = try plan.map { try SavedPlan(reading: try InputFile.read($0)) }
        if saved == nil { try source.requireSource() }
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
        for stop in live.suspensions where stop.target == .all {
            Console.standard.warning(
                "syncing is suspended \(stop.summary); this apply goes ahead all the same")
        }
        let report: PlanReport
        var contentKey: String?
        if let saved {
            report = try PlanReport(saved, live: live, options: safety.options)
        } else if let desired {
            (report, contentKey) = try await Planning.report(
                desired, live: live, options: safety.options, environment: source.environment.env,
                palette: output.palette)
            if live.suspensions.contains(where: { $0.target != .all }) { contentKey = "" }
        } else {
            return
        }
        Console.standard.write(PlanFormat.human.text(report, palette: output.palette))
        guard report.refusals.isEmpty else { throw ExitStatus.refused.end }
        if !report.plan.isEmpty { try Confirmation.ask("Apply these changes?", yes: yes) }
        let applier = Applier(store: store, holder: .thisProcess(owner: "apply"))
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
        case .leaseLost: throw Failure("cannot apply: another process took the lease over", hint: "try again")
        }
    }
}
