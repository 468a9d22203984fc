import Testing

@testable import Expressions

@Suite struct TypeTests {
    @Test(arguments: [
        ("[1, 2]", "list(int)"), ("[]", "list(dyn)"), ("[1, 'a']", "list(dyn)"),
        ("[[], [1]]", "list(list(int))"),
        ("{'a': 1}", "map(string, int)"), ("{}", "map(dyn, dyn)"), ("[type([]), int]", "list(type(dyn))"),
        ("[int, type([])]", "list(type(dyn))"), ("[int, type(1)]", "list(type(int))"),
        ("[null, optional.of(1)][0]", "optional_type(int)"),
        ("[duration('1s'), null]", "list(duration)"), ("event.data.tags.map(t, t.size())", "list(int)"),
        ("event.data.tags.filter(t, true)", "list(string)"), ("{'a': 1}.map(k, k)", "list(string)"),
        ("{'a': 1}.transformMap(k, v, string(v))", "map(string, string)"),
        ("event.data.team", "wrapper(string)"),
        ("event.data.?assignee", "optional_type(string)"), ("event.data.custom.x", "dyn"),
        ("event.data", "ticket"),
        ("event.?data.priority", "optional_type(string)"),
        ("event.data.tags.first()", "optional_type(string)"),
        ("true ? [1] : []", "list(int)"), ("dyn(1) + 1", "int"), ("1 < 2.0", "bool"),
        ("type(1)", "type(int)"),
        ("cel.bind(x, 1, x + x)", "int"), ("lists.range(3).sortBy(x, -x)", "list(int)"),
        ("event.data.tags[0]", "string"),
    ])
    func `the type of an expression is deduced`(_ source: String, _ type: String) throws {
        #expect(try Program.deduceType(of: source, in: Samples.declarations).description == type)
    }

    @Test(arguments: [
        "event.data.team == null", "event.data.team != null && event.data.team.startsWith('x')",
        "null == event.data.team",
        "event.data.team == 'x'", "'x' == event.data.team", "event.data.team in ['a', 'b']",
        "size(event.data) > 0",
        "'id' in event.data", "event.data.exists(k, k == 'id')", "event.data.custom.deep.er > 3",
        "event.data.estimate > 1",
        "event == event", "event.data.custom == event.data",
    ])
    func `what may be right is accepted`(_ source: String) {
        #expect(Samples.diagnostics(source, expecting: .bool).isEmpty)
    }

    @Test(arguments: [
        "int", "list(map(string, dyn))", "optional_type(wrapper(int))", "tuple($A, int)", "type(type)",
        "null_type", "secret",
    ])
    func `a type reads back as it is written`(_ text: String) throws {
        #expect(try #require(CELType(text)).description == text)
    }

    @Test(arguments: ["", "list(", "map(int", "int)", "list(int) x", "(int)"])
    func `a malformed type is refused`(_ text: String) { #expect(CELType(text) == nil) }

    @Test func `an open record takes other fields as dyn`() throws {
        let declarations = Declarations(["r": .record(RecordType("r", [.init("a", .int)], open: true))])
        #expect(try Program.deduceType(of: "r.b", in: declarations) == .dyn)
        #expect(throws: CompilationError.self) { try Program.deduceType(of: "r.a.b", in: declarations) }
    }

    @Test func `extending declarations leaves the original as it is`() throws {
        let extended = Samples.declarations.declaring("vars", .map(.string, .dyn))
        #expect(throws: Never.self) { try Program.compile("vars.x == 1", in: extended) }
        #expect(throws: CompilationError.self) {
            try Program.compile("vars.x == 1", in: Samples.declarations)
        }
    }
}
