import Testing

@testable import Expressions

/// One problem: where it is found and what is said about it.
struct Complaint: Sendable, CustomStringConvertible {
    let source: String
    let code: Diagnostic.Code
    /// The part of the source that is marked.
    let marked: String
    /// A part of the message.
    let message: String
    /// A part of the hint.
    let hint: String

    init(_ source: String, _ code: Diagnostic.Code, _ marked: String, _ message: String, hint: String = "") {
        self.source = source
        self.code = code
        self.marked = marked
        self.message = message
        self.hint = hint
    }

    var description: String { source }
}

@Suite struct DiagnosticTests {
    static let complaints: [Complaint] = [
        // Names and fields.
        Complaint(
            "event.data.prioritty == 'x'", .unknownField, "prioritty", "`ticket` has no field",
            hint: "`priority`?"),
        Complaint(
            "event.data['prioritty'] == 'x'", .unknownField, "'prioritty'", "no field", hint: "`priority`?"),
        Complaint("evnt.data.priority == 'x'", .undeclared, "evnt", "no variable `evnt`", hint: "`event`?"),
        Complaint("has(event.data.prio)", .unknownField, "prio", "no field `prio`", hint: "the fields are"),
        Complaint(
            "event.type.startWith('x')", .undeclared, "startWith", "no function", hint: "`startsWith`?"),
        Complaint(
            "startsWith(event.type, 'x')", .undeclared, "startsWith", "no function", hint: "value.startsWith"),
        Complaint("event.data.tags.exists(t)", .undeclared, "exists", "no function", hint: "macro"),
        Complaint(
            "math.cell(1.0) > 0.0", .undeclared, "cell", "no function `math.cell`", hint: "`math.ceil`?"),
        Complaint("event.id.size.x", .unknownField, "size", "`string` has no field"),
        // Types.
        Complaint(
            "event.data.reopened == '2'", .overload, "event.data.reopened == '2'", "not `int` and `string`"),
        Complaint(
            "'n: ' + event.data.reopened", .overload, "'n: ' + event.data.reopened", "`+` does not take",
            hint: "string("),
        Complaint(
            "event.data.priority && true", .overload, "event.data.priority", "takes `bool`, not `string`"),
        Complaint("event.data.tags.all(t, t)", .overload, "t", "takes `bool`, not `string`"),
        Complaint("event.id.all(t, true)", .overload, "event.id", "no elements to go through"),
        Complaint("true ? 1 : 'a'", .overload, "1 : 'a'", "`int` and `string`", hint: "dyn("),
        Complaint(
            "event.id == null", .overload, "event.id == null", "`string` and `null_type`", hint: "has("),
        Complaint("duration('1 hour')", .invalidLiteral, "'1 hour'", "not a duration"),
        Complaint(
            "timestamp('yesterday')", .invalidLiteral, "'yesterday'", "not a timestamp", hint: "RFC 3339"),
        // Traps.
        Complaint(
            "${event.data.priority == 'x'}", .templateInCondition, "${", "does not belong",
            hint: "without `${`"),
        Complaint(
            "steps.page-ack.outputs.key", .hyphenatedName, "page-ack", "subtraction", hint: "['page-ack']"),
        Complaint("event.id = 'x'", .syntax, "=", "not an operator", hint: "`==`"),
        Complaint("event.id == 'x' & true", .syntax, "&", "not an operator", hint: "`&&`"),
        Complaint("event.id == 'x' | true", .syntax, "|", "not an operator", hint: "`||`"),
        Complaint("event.id == 'x' and true", .operatorWord, "and", "not an operator", hint: "`&&`"),
        Complaint("event.id == 'x' or true", .operatorWord, "or", "not an operator", hint: "`||`"),
        Complaint("not (event.id == 'x')", .undeclared, "not", "no function `not`", hint: "`!`"),
        Complaint("not event.changed", .syntax, "event", "unexpected", hint: "`!`"),
        Complaint("event.id == “x”", .typographicQuote, "“", "typographic", hint: "`'`"),
        Complaint("event.data?.priority == 'x'", .syntax, "?.", "not an operator", hint: "`a.?b`"),
        Complaint("event.data.team ?? 'x'", .syntax, "??", "not an operator", hint: "orValue"),
        Complaint("event.id.length > 1", .unknownField, "length", "no field `length`", hint: "`size()`"),
        Complaint(
            "event.id.toUpperCase() == ''", .undeclared, "toUpperCase", "no function", hint: "`upperAscii()`"),
        Complaint("event.data.tags.contains('x')", .overload, "contains", "does not take", hint: "in list"),
        Complaint("event.data.priority == high", .undeclared, "high", "no variable", hint: "`'high'`"),
        Complaint("math.greatest('a')", .overload, "greatest", "`math.greatest` does not take `string`"),
        Complaint("(event.data.tags)['a']", .overload, "(event.data.tags)['a']", "cannot be indexed"),
        // Syntax.
        Complaint("", .syntax, "", "empty"),
        Complaint("'abc", .syntax, "'abc", "not closed"),
        Complaint("'a\\q'", .syntax, "\\q", "escape"),
        Complaint("event.", .syntax, "", "field name is expected"),
        Complaint("(1 + 2", .syntax, "", "`)` is expected"),
        Complaint("1 2", .syntax, "2", "unexpected"),
        Complaint("9223372036854775808", .syntax, "9223372036854775808", "does not fit"),
        Complaint("Foo{a: 1}", .syntax, "{", "no message types"),
        Complaint("[1].map(a.b, 1)", .syntax, "a.b", "simple name"),
    ]

    @Test(arguments: complaints)
    func `a mistake is explained where it stands`(_ complaint: Complaint) throws {
        let diagnostics = Samples.diagnostics(complaint.source)
        let found = try #require(
            diagnostics.first { $0.code == complaint.code },
            "\(diagnostics.map { "\($0.code): \($0.message)" })")
        #expect(Samples.text(found.range, of: complaint.source) == complaint.marked)
        #expect(found.message.contains(complaint.message), "\(found.message)")
        #expect((found.hint ?? "").contains(complaint.hint), "\(found.hint ?? "no hint")")
    }

    @Test(arguments: [
        ("event.data.assignee == 'x'", ["event.data.assignee"]),
        ("event.data.assignee == 'x' || event.data.assignee == 'y'", ["event.data.assignee"]),
        ("has(event.data.assignee) && event.data.assignee == 'x'", []),
        ("'assignee' in event.data && event.data.assignee == 'x'", []),
        ("event.data.?assignee.hasValue()", []),
        ("event.data.priority == 'x'", []),
        ("size(event.changed) > 0 && event.data.custom.x == 1", ["event.changed"]),
    ])
    func `a field that may be absent and is not tested gets a warning`(_ source: String, _ marked: [String]) {
        let warnings = Samples.diagnostics(source, expecting: .bool)
        #expect(warnings.map { Samples.text($0.range, of: source) } == marked)
        #expect(warnings.allSatisfy { $0.code == .optionalField && $0.severity == .warning })
    }

    @Test func `every mistake of an expression is found in one run`() {
        let codes = Samples.diagnostics("evnt.x == 1 && event.data.prio == 2 && event.id + 1 == ''").map(
            \.code)
        #expect(codes == [.undeclared, .unknownField, .overload])
    }

    @Test func `a condition that is not a bool is an error`() {
        #expect(Samples.diagnostics("event.id", expecting: .bool).map(\.code) == [.resultType])
        #expect(Samples.diagnostics("event.data.custom.flag", expecting: .bool).isEmpty)
    }

    @Test func `a position counts Unicode scalars`() throws {
        let source = "'😀é' == 'x' && evnt"
        let found = try #require(Samples.diagnostics(source).first)
        #expect(found.range == 15..<19)
        #expect(found.excerpt(of: source) == source + "\n               ^^^^")
        #expect(found.position(in: "a\n" + source).line == 2)
    }

    @Test func `a name that is withheld says why`() {
        var declarations = Samples.declarations
        declarations.withhold("secrets", because: "a filter sees no secrets")
        let diagnostics = Samples.diagnostics("secrets['a'] == 'x'", in: declarations)
        #expect(diagnostics.map(\.hint) == ["a filter sees no secrets"])
    }
}
