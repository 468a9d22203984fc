import ArgumentParser
import Reconciler
import Store

struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Go back to an earlier revision and stay there until resume.",
        discussion: "Restores what was declared then, never records or deliveries.")

    @Argument(help: "The revision; `zentra-sync history` shows them.")
    var revision: Int64

    @Option(help: "Why, for `status` and the plan.")
    var reason = ""

    @Flag(help: "Do not ask.")
    var yes = false

    @Option(
        help: ArgumentHelp(
            "The bare clone, for the lines of values; default: beside the state.", valueName: "dir"),
        completion: .directory)
    var cacheDir: String?

    @OptionGroup var safety: SafetyFlags
    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let store = try state.openForChange()
        do {
            try await rollBack(store)
        } catch {
            try store.close()
            throw error
        }
        try store.close()
    }

    private func rollBack(_ store: Store) async throws {
        let live = try await LiveState.read(from: store)
        let (report, target) = try await Rollback.report(
            to: revision, store: store, live: live, options: safety.options
        ) { EarlierFiles(source: $0.source, cache: cacheDir ?? state.path.gitCache) }
        Console.standard.write(PlanFormat.human.text(report, palette: output.palette))
        guard report.refusals.isEmpty else { throw ExitStatus.refused.end }
        try Confirmation.ask("Go back to revision \(revision)?", yes: yes)
        let now = UnixTime.now()
        let source = target.source.isEmpty ? try await store.syncRecord().source : target.source
        let context = Applier.Context(
            source: source, appliedBy: "\(Person.name) (rollback)",
            pin: Suspension(
                .rollback, reason: reason, createdBy: Person.name, since: now, pinnedSerial: revision))
        let applier = Applier(
            store: store, holder: .thisProcess(owner: "rollback"), warn: Console.standard.warning)
        switch try await applier.apply(report.plan, context: context, options: safety.options) {
        case .applied(let serial), .upToDate(let serial):
            Console.standard.print(
                "\nRevision \(revision) is live as serial \(serial), until `zentra-sync resume`.")
        case .refused: throw ExitStatus.refused.end
        case .stale(let planned, let now):
            throw Failure(
                "cannot roll back: an apply moved the live state from serial \(planned) to \(now) meanwhile",
                hint: "run it again")
        case .leaseLost(let loss): throw Failure("cannot roll back: \(loss)", hint: loss.hint)
        }
    }
}
