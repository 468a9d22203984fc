import ArgumentParser
import JSON
import Resources

struct EvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Evaluate a CEL expression on an event, for trying a filter or a payload.",
        discussion: """
            The event is what POST /api/v1/events takes: {"event": "ticket.created", "data": {…}}. The data of built-in \
            types is checked for misspelt fields. A text with ${ } is rendered as it would be in a payload.
            """)

    @Argument(help: "The expression, such as \"event.data.priority == 'high'\".")
    var expression: TextArgument

    @Option(help: ArgumentHelp("The event; - is standard input.", valueName: "file|-"), completion: .file())
    var event: String

    @Option(help: "The event's type; the file may then hold the data alone.")
    var type: TextArgument?

    @Flag(help: "Show the value of each part too.")
    var explain = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let result = try trial().evaluate(expression.text)
        if explain, !result.parts.isEmpty { Console.standard.print(table(result.parts)) }
        for problem in result.problems { tell(problem) }
        guard let value = result.value else { throw ExitStatus.failed.end }
        Console.standard.print(value)
    }

    private func trial() throws -> ExpressionTrial {
        let bytes = try InputFile.read(event)
        let json: JSONValue
        do {
            json = try JSONValue(parsing: bytes)
        } catch {
            throw Failure("cannot read the event from \(event): \(error)")
        }
        do {
            return try ExpressionTrial(event: json, type: type?.text)
        } catch {
            throw Failure("cannot use the event in \(event): \(error.message)", hint: error.hint)
        }
    }

    private func table(_ parts: [(text: String, value: String)]) -> String {
        var table = Table([.init("PART"), .init("VALUE", .wrapped)])
        for part in parts { table.add([part.text, part.value]) }
        return table.text()
    }

    private func tell(_ problem: ExpressionTrial.Problem) {
        let palette = output.errorPalette
        let label = problem.severity == .error ? palette.red("error") : palette.yellow("warning")
        let excerpt = problem.excerpt.split(separator: "\n", omittingEmptySubsequences: false).map {
            "  \($0)"
        }
        Console.standard.note("\(label): \(problem.message)\n" + excerpt.joined(separator: "\n"))
    }
}
