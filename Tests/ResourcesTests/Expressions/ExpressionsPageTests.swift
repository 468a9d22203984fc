import JSON
import Resources
import Testing

/// The resources and commands that `docs/expressions.md` shows.
struct ExpressionsPageTests {
    private static func page() throws -> String {
        try Fixtures.text("../../../docs/expressions.md")
    }

    /// The blocks of a language.
    private static func blocks(_ language: String) throws -> [String] {
        try page().split(separator: "\n```\(language)\n").dropFirst().map {
            ($0.split(separator: "\n```").first ?? "") + "\n"
        }
    }

    @Test func `every resource of the page is valid, without a warning`() throws {
        let blocks = try Self.blocks("yaml")
        #expect(blocks.count == 2)
        let secrets = ["chat-signing", "chat-token"].map {
            secret.replacing("erp-signing", with: $0)
        }
        let text = (blocks + secrets).joined(separator: "---\n")
        #expect(DiagnosticRenderer().text(load(text).diagnostics, as: .human) == "")
    }

    @Test func `the explanation of the page is the one that is printed`() throws {
        let page = try Self.page()
        let source = "event.data.priority == 'high' && event.type.startsWith('ticket.')"
        let trial = try ExpressionTrial(event: ["event": "ticket.created", "data": ["priority": "high"]])
        let result = trial.evaluate(source)
        #expect(result.value == "true")
        let width = result.parts.map(\.text.count).max() ?? 0
        for (text, value) in result.parts {
            let line = text + String(repeating: " ", count: width - text.count) + "  \(value)\n"
            #expect(page.contains("\n" + line), "\(line)")
        }
    }
}
