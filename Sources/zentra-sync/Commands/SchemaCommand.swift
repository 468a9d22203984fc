import ArgumentParser
import JSON
import Resources

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the JSON Schema of a kind, or of any document, for editors.")

    @Argument(
        help: "The kind; without one the schema covers every document.", completion: ResourceKind.completion)
    var kind: TextArgument?

    func run() throws {
        guard let kind = kind?.text else { return Console.standard.print(JSONSchema.union().prettyText) }
        guard
            let known = ResourceKind.allCases.first(where: { $0.rawValue.lowercased() == kind.lowercased() })
        else {
            throw Failure("there is no kind `\(kind)`", hint: ResourceKind.hint(for: kind))
        }
        Console.standard.print(JSONSchema.schema(of: known).prettyText)
    }
}

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Say what a field means, its type and its default.")

    @Argument(
        help: "A kind, or a path such as Subscription.retry.maxAttempts.", completion: ResourceKind.completion
    )
    var path: TextArgument

    func run() throws {
        do {
            Console.standard.write(TextWrapping.fitted(try Explanation.text(path.text)))
        } catch {
            throw Failure(error.message, hint: error.hint)
        }
    }
}

extension ResourceKind {
    fileprivate static var completion: CompletionKind { .list(allCases.map(\.rawValue)) }
}
