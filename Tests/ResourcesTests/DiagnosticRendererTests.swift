import JSON
import Resources
import Testing

struct DiagnosticRendererTests {
    private let diagnostic = Diagnostic(
        .unknownEvent, "`ticket.closed` is not in the event catalogue",
        at: SourcePosition(file: "subscriptions/erp.yaml", line: 9, column: 28), length: 13,
        hint: "did you mean `ticket.resolved`?", excerpt: "  events: [ticket.created, ticket.closed]")

    @Test func `the human form marks the place`() {
        #expect(
            DiagnosticRenderer().text([diagnostic], as: .human) == """
                subscriptions/erp.yaml:9:28: error[unknown-event]: `ticket.closed` is not in the event catalogue
                    9 |   events: [ticket.created, ticket.closed]
                      |                            ^^^^^^^^^^^^^ did you mean `ticket.resolved`?

                """)
    }

    @Test func `colours change nothing but colours`() throws {
        let coloured = DiagnosticRenderer(isColoured: true).text([diagnostic], as: .human)
        let plain = coloured.replacing(try Regex("\u{1B}\\[[0-9]+m"), with: "")
        #expect(coloured != plain)
        #expect(plain == DiagnosticRenderer().text([diagnostic], as: .human))
    }

    @Test(arguments: [
        ("\tk: v", 2, "  k: v", " "), ("漢字: x", 5, "漢字: x", "      "),
        ("a\u{301}: x", 5, "a\u{301}: x", "   "),
        ("\u{1B}[2J: x", 1, "\u{FFFD}[2J: x", ""), ("a\u{202E}b: x", 5, "a\u{FFFD}b: x", "    "),
    ])
    func `the mark stands below the place in any text`(
        _ line: String, _ column: Int, _ shown: String, _ pad: String
    ) {
        let diagnostic = Diagnostic(
            .syntax, "m", at: SourcePosition(file: "a", line: 1, column: column), excerpt: line)
        let lines = DiagnosticRenderer().text([diagnostic], as: .human).split(separator: "\n")
        #expect(lines[1] == "    1 | \(shown.hasPrefix("  k") ? String(shown.dropFirst()) : shown)")
        #expect(lines[2] == "      | \(pad)^")
    }

    @Test func `a long line is cut around the mark`() {
        let line = String(repeating: "x", count: 5_000) + "HERE" + String(repeating: "y", count: 5_000)
        let diagnostic = Diagnostic(
            .syntax, "m", at: SourcePosition(file: "a", line: 1, column: 5_001), length: 4, excerpt: line)
        let lines = DiagnosticRenderer().text([diagnostic], as: .human).split(separator: "\n").map(
            String.init)
        #expect(lines.allSatisfy { $0.count < 160 })
        #expect(
            lines[1].firstIndex(of: "H")?.utf16Offset(in: lines[1])
                == lines[2].firstIndex(of: "^")?.utf16Offset(in: lines[2]))
    }

    @Test func `annotations are escaped`() {
        let odd = Diagnostic(
            .syntax, "50% of it", at: SourcePosition(file: "a,b:c.yaml", line: 1, column: 2), length: 3,
            hint: "no")
        #expect(
            DiagnosticRenderer(pathPrefix: "config/").text([odd], as: .github)
                == "::error file=config/a%2Cb%3Ac.yaml,line=1,col=2,endColumn=5,title=syntax::50%25 of it%0Ano\n"
        )
    }

    @Test func `the JSON form counts and lists`() throws {
        let warning = Diagnostic(
            .networkPolicy, "m", at: SourcePosition(file: "a", line: 1, column: 1), severity: .warning)
        let json = try JSONValue(parsing: DiagnosticRenderer().text([diagnostic, warning], as: .json))
        #expect(json["summary"]?.text == #"{"errors":1,"warnings":1}"#)
        #expect(
            json["diagnostics"]?.array?.first?.text
                == #"{"severity":"error","code":"unknown-event","message":"`ticket.closed` is not in the event catalogue","file":"subscriptions/erp.yaml","line":9,"column":28,"length":13,"hint":"did you mean `ticket.resolved`?"}"#
        )
        #expect(json["diagnostics"]?.array?.last?["severity"]?.string == "warning")
    }

    @Test func `SARIF names rule, level and region`() throws {
        let run = DiagnosticRenderer(toolVersion: "1.0").sarif([diagnostic])["runs"]?.array?.first
        #expect(run?["tool"]?["driver"]?["rules"]?.array?.first?["id"]?.string == "unknown-event")
        #expect(run?["columnKind"]?.string == "unicodeCodePoints")
        let result = try #require(run?["results"]?.array?.first)
        #expect(result["ruleIndex"]?.int == 0 && result["level"]?.string == "error")
        let place = result["locations"]?.array?.first?["physicalLocation"]
        #expect(place?["region"]?.text == #"{"startLine":9,"startColumn":28,"endColumn":41}"#)
        #expect(place?["artifactLocation"]?["uri"]?.string == "subscriptions/erp.yaml")
    }

    @Test(arguments: DiagnosticCode.allCases)
    func `every code is documented with what it means`(_ code: DiagnosticCode) throws {
        let page = try Fixtures.documentation("diagnostics.md")
        #expect(page.contains("| `\(code.rawValue)` | \(code.summary) |"))
    }

    @Test func `a message never spans lines or grows without bound`() {
        let message = "a\nb\u{1B}" + String(repeating: "x", count: 100_000)
        let diagnostic = Diagnostic(.syntax, message, at: SourcePosition(file: "a", line: 1, column: 1))
        #expect(diagnostic.message.utf8.count < 500)
        #expect(!diagnostic.message.contains("\n") && !diagnostic.message.contains("\u{1B}"))
    }
}
