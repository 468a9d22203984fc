import Testing

@testable import Expressions

/// What the conformance files leave open.
@Suite struct StringsTests {
    static let examples: [Example] = [
        Example("'a,b,c'.split(',', 2)", "['a', 'b,c']"),
        Example("'abc'.split('')", "['a', 'b', 'c']"),
        Example("'abc'.split('', 2)", "['a', 'bc']"),
        Example("''.split('')", "[]"),
        Example("''.split(',')", "['']"),
        Example("'abc'.replace('', '-')", "'-a-b-c-'"),
        Example("'aaa'.replace('a', 'b', 0)", "'aaa'"),
        Example("'aaa'.replace('a', 'b', -1)", "'bbb'"),
        Example("'😀é'.size()", "2"),
        Example("'e\\u0301' == '\\u00e9'", "false"),
        Example("'😀abc'.indexOf('b')", "2"),
        Example("'😀abc'.substring(1)", "'abc'"),
        Example("'\\u0301x'.startsWith('\\u0301')", "true"),
        Example("'a\\r\\nb'.contains('\\n')", "true"),
        Example("'%.2f %5'.size()", "7"),
        Example("'%s'.format([1e25])", "'10000000000000000000000000'"),
        Example("'%s'.format([1.5e-7])", "'0.00000015'"),
        Example("'%.3e'.format([0])", "'0.000e+00'"),
        Example("'%x'.format([-255])", "'-ff'"),
        Example("'%b'.format([true])", "'1'"),
        Example("'%.1f'.format([0.25])", "'0.2'"),
        Example("string(1e6)", "'1000000'"),
        Example("string(1.0)", "'1'"),
    ]

    @Test(arguments: examples)
    func `a function of the strings library counts and compares scalars`(_ example: Example) throws {
        #expect(try example.mismatch() == nil)
    }

    @Test(arguments: [
        "'%'.format([])", "'%.f'.format([1.0])", "'%.9999f'.format([1.0])", "'%o'.format([true])",
    ])
    func `a malformed format is an error`(_ source: String) {
        #expect(throws: EvaluationError.self) { try Samples.evaluate(source) }
    }
}
