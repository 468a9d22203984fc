import Testing

@testable import Expressions

@Suite struct SetsTests {
    static let examples: [Example] = [
        Example("sets.contains([], [])", "true"),
        Example("sets.contains([], [1])", "false"),
        Example("sets.contains([1, 2, 3, 4], [2, 3])", "true"),
        Example("sets.contains([1, 2.0, 3u], [1.0, 2u, 3])", "true"),
        Example("sets.equivalent([], [])", "true"),
        Example("sets.equivalent([1], [1, 1])", "true"),
        Example("sets.equivalent([1], [1u, 1.0])", "true"),
        Example("sets.equivalent([1, 2, 3], [3u, 2.0, 1])", "true"),
        Example("sets.equivalent([1, 2], [1])", "false"),
        Example("sets.intersects([1], [])", "false"),
        Example("sets.intersects([1], [1, 2])", "true"),
        Example("sets.intersects([[1], [2, 3]], [[1, 2], [2, 3.0]])", "true"),
        Example("sets.intersects(['a'], ['b'])", "false"),
    ]

    @Test(arguments: examples)
    func `a function of the sets library yields what its documentation says`(_ example: Example) throws {
        #expect(try example.mismatch() == nil)
    }
}
