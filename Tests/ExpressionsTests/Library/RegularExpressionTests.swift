import Testing

@testable import Expressions

@Suite struct RegularExpressionTests {
    @Test func `a pattern that ruins backtracking engines is answered`() throws {
        let text = String(repeating: "a", count: 5000)
        #expect(try Samples.evaluate("'\(text)!'.matches('^(a+)+$')").description == "false")
    }

    @Test func `a pattern that comes from data works and is not kept`() throws {
        #expect(try Samples.evaluate("event.type.matches('^' + event.type + '$')").description == "true")
    }

    @Test func `a pattern with an error is found by the checker`() {
        let source = "event.type.matches('a(b')"
        let diagnostics = Samples.diagnostics(source)
        #expect(diagnostics.map(\.code) == [.invalidLiteral])
        #expect(diagnostics.first.map { Samples.text($0.range, of: source) } == "'a(b'")
    }

    @Test func `a pattern that is too large to compile is an error`() {
        #expect(throws: EvaluationError.self) {
            try Samples.evaluate("event.type.matches('((x{1,100}){1,100}){1,100}' + event.data.key)")
        }
    }
}
