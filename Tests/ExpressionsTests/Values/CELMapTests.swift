import JSON
import Testing

@testable import Expressions

@Suite struct CELMapTests {
    static let examples: [Example] = [
        Example("lists.range(20).transformMap(i, v, v * 2)[19]", "38"),
        Example("lists.range(20).transformMap(i, v, v * 2)[dyn(19u)]", "38"),
        Example("lists.range(20).transformMap(i, v, v * 2)[dyn(19.0)]", "38"),
        Example("20 in lists.range(20).transformMap(i, v, v)", "false"),
        Example("lists.range(20).transformMap(i, v, v).size()", "20"),
        Example("lists.range(12).transformMap(i, v, v).map(k, k) == lists.range(12)", "true"),
        Example(
            "{1u: 'a', 18446744073709551615u: 'b', true: 'c', 'k': 'd'}.map(k, type(k))",
            "[uint, uint, bool, string]"),
        Example("{'e\\u0301': 1}[?'\\u00e9'].hasValue()", "false"),
        Example("{'a': 1, 'b': 2} == {'b': 2.0, 'a': 1u}", "true"),
    ]

    @Test(arguments: examples)
    func `a map finds numbers by their value and strings by their scalars`(_ example: Example) throws {
        #expect(try example.mismatch() == nil)
    }

    @Test func `a record keeps the order of its fields and the last value of each`() {
        let record = CELValue.record(["b": .int(1), "a": .int(2), "b": .int(3)])
        #expect(record.description == "{'b': 3, 'a': 2}")
    }

    @Test func `a large record is found by an index`() {
        var builder = MapBuilder()
        for number in 0..<100 { builder.set("k\(number)", .int(Int64(number))) }
        #expect((0..<100).allSatisfy { builder.map.value(forField: "k\($0)")?.description == "\($0)" })
        #expect(builder.map.value(forField: "k100") == nil)
    }
}
