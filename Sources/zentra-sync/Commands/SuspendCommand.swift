import ArgumentParser
import Reconciler
import Resources
import Store

struct SuspendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspend", abstract: "Stop syncing, or keep one resource as it is live.")

    @Argument(
        help: ArgumentHelp(
            "One resource, such as Subscription/erp; without it the sync loop.", valueName: "kind/name"))
    var resource: SuspensionArgument?

    @Option(help: "Why, for `status` and the plan.")
    var reason = ""

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("How long; default: until resume.", valueName: "duration"))
    var duration: DurationArgument?

    @OptionGroup var state: StateOptions

    func validate() throws {
        if let duration, duration.duration <= .zero {
            throw ValidationError("--for must be longer than zero")
        }
    }

    func run() async throws {
        let now = UnixTime.now()
        let suspension = Suspension(
            resource?.target ?? .all, reason: reason, createdBy: Person.name, since: now,
            until: duration.map { now + $0.duration })
        let store = try state.openForChange()
        do {
            try await store.suspend(suspension)
            try await noteUnknown(store)
        } catch {
            try store.close()
            throw error
        }
        try store.close()
        let end = suspension.until.map { "until \($0)" } ?? "until `zentra-sync resume`"
        Console.standard.print("Suspended \(resource?.text ?? "syncing") \(end).")
    }
}

extension SuspendCommand {
    /// A name that nothing has may be a slip; or somebody keeps a resource from being made.
    private func noteUnknown(_ store: Store) async throws {
        guard let resource else { return }
        let names = try await store.liveConfiguration().resources.map { "\($0.kind)/\($0.name)" }
        if !names.contains(resource.text) {
            Console.standard.warning(
                "\(resource.text) is not live; it will not be made while it is suspended")
        }
    }
}

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Start syncing again after suspend or rollback.")

    @Argument(
        help: ArgumentHelp(
            "One resource, such as Subscription/erp; without it the sync loop, also after a rollback.",
            valueName: "kind/name"))
    var resource: SuspensionArgument?

    @OptionGroup var state: StateOptions

    func run() async throws {
        let store = try state.openForChange()
        let (wasStopped, left) = try await resume(store)
        try store.close()
        let what = resource?.text ?? "syncing"
        Console.standard.print(wasStopped ? "Resumed \(what)." : "Nothing to do: \(what) was not suspended.")
        for suspension in left {
            Console.standard.note("still suspended: \(StatusText.stopped(suspension))")
        }
    }

    private func resume(_ store: Store) async throws -> (Bool, [Suspension]) {
        do {
            let now = UnixTime.now()
            let targets = resource.map { [$0.target] } ?? [.all, .rollback]
            return (try await store.resume(targets, now: now), try await store.suspensions(now: now))
        } catch {
            try store.close()
            throw error
        }
    }
}

/// `KIND/NAME` of a resource that is suspended or resumed.
struct SuspensionArgument: ExpressibleByArgument {
    let text: String

    var target: Suspension.Target { .resource(text) }

    init?(argument: String) {
        guard let id = ResourceID(argument) else { return nil }
        text = id.description
    }
}
