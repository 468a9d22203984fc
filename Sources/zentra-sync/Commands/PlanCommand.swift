import ArgumentParser
import JSON
import Reconciler
import Resources
import Store

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Fetch, compare with the live state, and show what apply would change."
    )

    @Option(
        help: ArgumentHelp(
            "human, json or markdown; `markdown=FILE` writes a file beside what is printed. Repeatable.",
            valueName: "format[=file]"))
    var format: [PlanFormatArgument] = []

    @Option(help: ArgumentHelp("Save the plan for `apply FILE`.", valueName: "file"), completion: .file())
    var out: String?

    @Flag(help: "Exit with 2 when there are changes.")
    var detailedExitcode = false

    @OptionGroup var safety: SafetyFlags
    @OptionGroup var source: SourceOptions
    @OptionGroup var live: LiveOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard format.count(where: { $0.file == nil }) <= 1 else {
            throw ValidationError(
                "only one --format can be printed; give the others a file: --format json=FILE")
        }
        if out?.isEmpty == true { throw ValidationError("the file of --out has no name") }
    }

    func run() async throws {
        let desired = try source.source(beside: live.state.path)
        let report = try await Planning.report(
            desired, live: live, safety: safety.options, environment: source.environment.env,
            palette: output.errorPalette)
        if let out { try OutputFile.write(SavedPlan(report.plan, source: desired.description).text, to: out) }
        for case let (form, file?) in format.map({ ($0.format, $0.file) }) {
            try OutputFile.write(form.text(report, palette: Palette(isColoured: false)), to: file)
        }
        let printed = format.first { $0.file == nil }?.format ?? .human
        Console.standard.write(printed.text(report, palette: output.palette))
        if let out {
            Console.standard.note(
                "saved the plan; apply exactly it with `zentra-sync apply \(out)\(live.arguments)`")
        }
        let code = report.exitCode(isDetailed: detailedExitcode)
        if code != 0 { throw ExitCode(code) }
    }
}

/// The forms of a plan.
enum PlanFormat: String, CaseIterable, ExpressibleByArgument {
    case human, json, markdown

    func text(_ report: PlanReport, palette: Palette) -> String {
        switch self {
        case .human: PlanText(report, palette: PlanPalette(isColoured: palette.isColoured)).text
        case .json: report.json.prettyText + "\n"
        case .markdown: PlanMarkdown(report).text
        }
    }
}

/// `markdown`, or `markdown=plan.md`.
struct PlanFormatArgument: ExpressibleByArgument {
    let format: PlanFormat
    /// nil prints it.
    let file: String?

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let format = PlanFormat(rawValue: String(parts[0])), parts.count == 1 || !parts[1].isEmpty
        else {
            return nil
        }
        self.format = format
        file = parts.count == 2 ? String(parts[1]) : nil
    }

    static var allValueStrings: [String] { PlanFormat.allCases.map(\.rawValue) }
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}

/// What `plan` and `apply` do first.
enum Planning {
    /// Reads the desired state and compares it with what is live, in a state or in a sidecar; a state that is missing
    /// plans as empty.
    ///
    /// - Parameter palette: of standard error, where the problems of the files go.
    static func report(
        _ source: DesiredSource, live options: LiveOptions, safety: SafetyOptions, environment: String?,
        palette: Palette
    ) async throws -> PlanReport {
        if let server = try options.namedServer() {
            let live = try await server.liveState()
            let report = try await report(
                source, live: live, options: safety, environment: environment, palette: palette
            ).report
            return report.replacing(try await server.noting(report.plan, live))
        }
        let store: Store
        do {
            store = try options.state.openForReading()
        } catch StoreError.missing {
            return try await report(
                source, live: .missing, options: safety, environment: environment, palette: palette
            ).report
        }
        do {
            let live = try await LiveState.read(from: store)
            let report = try await report(
                source, live: live, options: safety, environment: environment, palette: palette
            ).report
            let noted = report.replacing(try await PlanNotes(store, live).noting(report.plan))
            try store.close()
            return noted
        } catch {
            try store.close()
            throw error
        }
    }

    /// Says all problems of the files before it fails. The key says which files the plan was made from.
    static func report(
        _ source: DesiredSource, live: LiveState, options: SafetyOptions, environment: String?,
        palette: Palette
    ) async throws -> (report: PlanReport, contentKey: String) {
        for stop in live.suspensions where stop.target == .all {
            Console.standard.warning(
                "syncing is suspended \(stop.summary); who applies goes past it all the same")
        }
        let renderer = DiagnosticRenderer(isColoured: palette.isColoured)
        do {
            var reader = ConfigurationReader(environment: environment, rules: Version.current)
            let progress = ProgressLine()
            defer { progress.clear() }
            progress.show("fetching \(source.description)")
            let snapshot = try await source.fetch()
            progress.show("reading \(snapshot.revision.reference)")
            let report = try await PlanReport.make(snapshot, reader: &reader, live: live, options: options)
            progress.clear()
            for entry in reader.skipped { Console.standard.warning("\(entry) and was not read") }
            for warning in report.warnings {
                Console.standard.note(renderer.text([warning], as: .human).trimmingLastNewline)
            }
            return (report, reader.contentKey(snapshot))
        } catch let error as InvalidConfiguration {
            Console.standard.note(renderer.text(error.errors, as: .human).trimmingLastNewline)
            throw Failure("\(error)", hint: EnvironmentHint.text(error.errors, environment: environment))
        }
    }
}

extension String {
    var trimmingLastNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
