import Foundation
import JSON
import Testing

@testable import Expressions

/// Runs the examples of `docs/expressions.md`.
@Suite struct ExpressionsPageTests {
    /// A line of an example: what is written, and what the page says about it.
    struct Line: Sendable, CustomStringConvertible {
        let source: String
        let says: String

        var description: String { source }
    }

    private static let page: String = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        let page = root.appending(path: "docs/expressions.md").standardizedFileURL
        do {
            return try String(contentsOf: page, encoding: .utf8)
        } catch {
            preconditionFailure("\(page.path): \(error)")
        }
    }()

    /// The lines of all blocks with that language, split where the comment or arrow begins.
    static func lines(of language: String, _ separator: String) -> [Line] {
        var isInside = false
        var lines: [Line] = []
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isInside = line == "```\(language)"
            } else if isInside, let range = line.range(of: separator, options: .backwards),
                range.lowerBound > line.startIndex
            {
                lines.append(
                    Line(
                        source: line[..<range.lowerBound].trimmingCharacters(in: .whitespaces),
                        says: line[range.upperBound...].trimmingCharacters(in: .whitespaces)))
            }
        }
        return lines
    }

    /// The event that the page shows is the one that the examples are about.
    @Test func `the sample event is the one of the page`() throws {
        let start = try #require(Self.page.range(of: "```json\n")?.upperBound)
        let end = try #require(Self.page[start...].range(of: "```")?.lowerBound)
        let event = try JSONValue(parsing: String(Self.page[start..<end]))
        #expect(event["data"] == Samples.data)
        #expect(event["type"]?.string == "ticket.created")
    }

    @Test(arguments: lines(of: "cel", " // "))
    func `an example of the page yields what stands beside it`(_ line: Line) throws {
        #expect(try Example(line.source, line.says).mismatch() == nil)
    }

    @Test(arguments: lines(of: "cel-error", " // "))
    func `a trap of the page is explained with the words beside it`(_ line: Line) {
        let diagnostics = Samples.diagnostics(line.source, expecting: .bool)
        let said = diagnostics.map { "\($0.message); \($0.hint ?? "")" }.joined(separator: "; ")
        #expect(said.contains(line.says), "\(said)")
    }

    @Test(arguments: lines(of: "template", " → "))
    func `a template of the page renders to what stands beside it`(_ line: Line) throws {
        let template = try Template.compile(JSONValue(parsing: line.source), in: Samples.declarations)
        #expect(try template.render(Samples.activation).json?.text == line.says)
    }

    @Test(arguments: lines(of: "template-secret", " → "))
    func `a template with a secret renders to what stands beside it`(_ line: Line) throws {
        let template = try Template.compile(JSONValue(parsing: line.source), in: SecretTests.declarations)
        #expect(try template.render(Samples.activation).json?.text == line.says)
    }

    @Test func `every function of the libraries has an example on the page`() {
        let examples = Self.lines(of: "cel", " // ").map(\.source).joined(separator: "\n")
        let names =
            FunctionTable.standard.names(isMethod: true).map { ".\($0)(" }
            + FunctionTable.standard.names(isMethod: false).map { "\($0)(" }
            + Parser.macroNames.map { "\($0)(" }
        for name in names {
            #expect(examples.contains(name), "there is no example of \(name)")
        }
    }
}
