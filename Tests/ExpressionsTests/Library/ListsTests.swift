import Testing

@testable import Expressions

@Suite struct ListsTests {
    static let examples: [Example] = [
        Example("[1, 2, 3, 4].slice(1, 3)", "[2, 3]"),
        Example("[1, 2, 3, 4].slice(2, 4)", "[3, 4]"),
        Example("[1, 2].slice(2, 2)", "[]"),
        Example("[[1, 2], [3, 4]].flatten()", "[1, 2, 3, 4]"),
        Example("[1, [2, [3, 4]]].flatten()", "[1, 2, [3, 4]]"),
        Example("[1, 2, [], [], [3, 4]].flatten()", "[1, 2, 3, 4]"),
        Example("[1, [2, [3, [4]]]].flatten(2)", "[1, 2, 3, [4]]"),
        Example("[1, [2, [3, [4]]]].flatten(0)", "[1, [2, [3, [4]]]]"),
        Example("[1, 2, 2, 3, 3, 3].distinct()", "[1, 2, 3]"),
        Example("['b', 'b', 'c', 'a', 'c'].distinct()", "['b', 'c', 'a']"),
        Example("[1, 'b', 2, 'b'].distinct()", "[1, 'b', 2]"),
        Example("[1, 1.0, 1u].distinct().size()", "1"),
        Example("[[1], [1], [2]].distinct()", "[[1], [2]]"),
        Example("[0.0/0.0, 0.0/0.0].distinct().size()", "2"),
        Example("[5, 3, 1, 2].reverse()", "[2, 1, 3, 5]"),
        Example("[3, 2, 1].sort()", "[1, 2, 3]"),
        Example("['b', 'c', 'a'].sort()", "['a', 'b', 'c']"),
        Example("[true, false].sort()", "[false, true]"),
        Example("[duration('2h'), duration('1m')].sort()", "[duration('1m'), duration('2h')]"),
        Example("[].sort()", "[]"),
        Example(
            "[{'n': 'foo', 's': 0}, {'n': 'bar', 's': -10}].sortBy(e, e.s).map(e, e.n)", "['bar', 'foo']"),
        Example("['b2', 'a1', 'b1'].sortBy(e, e.charAt(0))", "['a1', 'b2', 'b1']"),
        Example("lists.range(5)", "[0, 1, 2, 3, 4]"),
        Example("lists.range(0)", "[]"),
        Example("[7, 8].first()", "optional.of(7)"),
        Example("[7, 8].last()", "optional.of(8)"),
        Example("[].first()", "optional.none()"),
    ]

    @Test(arguments: examples)
    func `a function of the lists library yields what its documentation says`(_ example: Example) throws {
        #expect(try example.mismatch() == nil)
    }

    @Test(arguments: [
        "[1, 2].slice(1, 3)", "[1, 2].slice(-1, 1)", "[1, 2].slice(2, 1)", "[1].flatten(-1)",
        "dyn([1, 'b']).sort()",
        "dyn([[1]]).sort()", "lists.range(-1)", "[1, 2].sortBy(e, e == 1 ? dyn(1) : dyn('x'))",
    ])
    func `a function of the lists library fails on what it cannot do`(_ source: String) throws {
        let program = try Program.compile(source, in: Declarations())
        #expect(throws: EvaluationError.self) { try program.evaluate(Activation()) }
    }

    @Test(arguments: ["[[1]].sort()", "[{}].sort()", "[1].sortBy(e, [e])", "'abc'.slice(0, 1)"])
    func `a function of the lists library is checked`(_ source: String) {
        #expect(Samples.diagnostics(source).contains { $0.code == .overload })
    }
}
