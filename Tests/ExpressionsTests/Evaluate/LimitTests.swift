import JSON
import Testing

@testable import Expressions

@Suite struct LimitTests {
    private func code(_ source: String, costLimit: Int = Cost.defaultLimit) throws -> EvaluationError.Code? {
        let program = try Program.compile(source, in: Samples.declarations)
        do throws(EvaluationError) {
            _ = try program.evaluate(Samples.activation, costLimit: costLimit)
            return nil
        } catch {
            return error.code
        }
    }

    @Test(arguments: [
        ("event.id", 2), ("event.data.priority", 3), ("event.id == 'evt_1'", 3), ("1 + 2 == 3", 0),
        ("event.id in ['a', 'b', 'c']", 5), ("[event.id]", 12), ("{'a': event.id}", 32),
        ("event.data.tags.all(t, true)", 9), ("event.id == 'x' ? 1 : 2", 3), ("event.id.startsWith('e')", 3),
    ])
    func `the cost is counted in Kubernetes' units`(_ source: String, _ cost: Int) throws {
        let program = try Program.compile(source, in: Samples.declarations)
        #expect(try program.measure(Samples.activation).cost == cost)
    }

    @Test(arguments: [
        "lists.range(1000).map(a, lists.range(1000).map(b, lists.range(1000).size()))",
        "lists.range(100000000)", "lists.range(1000).all(a, lists.range(1000).all(b, a + b >= 0))",
        "[0].map(i, '%s'.format([lists.range(300000)]))",
        "lists.range(5000).exists(i, event.id.matches('(a{1,30}){1,30}' + string(i)))",
        "lists.range(40000).map(i, ',,,,,,,,,,').join().split(',')",
        "lists.range(40000).map(i, ',,,,,,,,,,').join().split('')",
    ])
    func `an evaluation stops at the limit`(_ source: String) throws {
        #expect(try code(source) == .costLimit)
    }

    @Test func `the limit is not absorbed`() throws {
        #expect(try code("lists.range(9000000).size() > 0 || true") == .costLimit)
        #expect(
            try code("lists.range(10).exists(i, i == 3 || lists.range(9000000).size() > 0)") == .costLimit)
    }

    @Test func `doubling a value again and again is stopped`() throws {
        for (start, step) in [
            ("event.id", "a + a"), ("[event.id]", "a + a"), ("[event.id]", "[a, a]"), ("b'ab'", "a + a"),
        ] {
            var source = "json.encode(a)"
            for _ in 0..<60 { source = "cel.bind(a, \(step), \(source))" }
            #expect(try code("cel.bind(a, dyn(\(start)), \(source))", costLimit: 50_000) == .costLimit)
        }
    }

    @Test func `comparing shared values is stopped`() throws {
        var source = "a == b"
        for _ in 0..<60 { source = "cel.bind(a, [a, a], cel.bind(b, [b, b], \(source)))" }
        #expect(
            try code("cel.bind(a, dyn(event.id), cel.bind(b, dyn(event.id), \(source)))", costLimit: 50_000)
                == .costLimit)
    }

    @Test func `a replacement that explodes is stopped`() throws {
        #expect(
            try code(
                "lists.range(2000).map(i, 'xxxxxxxxxx').join().replace('', lists.range(2000).map(i, 'y').join())"
            ) == .costLimit)
    }

    @Test func `an expensive expression is warned about when it is checked`() throws {
        let program = try Program.compile(
            "event.data.tags.all(a, event.data.tags.all(b, a + b != ''))", in: Samples.declarations)
        #expect(program.warnings.map(\.code) == [.cost])
        let cheap = try Program.compile(
            "event.data.tags.exists(a, a.contains('x'))", in: Samples.declarations)
        #expect(cheap.warnings.isEmpty)
    }

    @Test func `the estimate is not below what an evaluation costs`() throws {
        for source in [
            "event.data.tags.map(t, t + '!').size() == 2", "event.id.startsWith('x') || event.id == 'y'",
        ] {
            let program = try Program.compile(source, in: Samples.declarations)
            #expect(try program.measure(Samples.activation).cost <= program.estimatedCost)
        }
    }

    @Test(arguments: [
        (String(repeating: "(", count: 300) + "1" + String(repeating: ")", count: 300)),
        (String(repeating: "[", count: 300) + String(repeating: "]", count: 300)),
        (String(repeating: "!", count: 300) + "true"), ("1" + String(repeating: " + 1", count: 300)),
        (String(repeating: "true ? 1 : ", count: 300) + "1"), ("event" + String(repeating: ".a", count: 300)),
        (String(repeating: "f(", count: 300)), (String(repeating: "-", count: 50_000) + "x"),
        String(repeating: " ", count: 100_001),
    ])
    func `what is too deep or too long is refused`(_ source: String) {
        #expect(Samples.diagnostics(source).map(\.code) == [.tooLarge])
    }

    @Test func `what is just within the limits works`() throws {
        let nested = String(repeating: "(", count: 240) + "1" + String(repeating: ")", count: 240)
        #expect(try Samples.evaluate(nested).description == "1")
        #expect(try Samples.evaluate("1" + String(repeating: " + 1", count: 240)).description == "241")
        let chain = Array(repeating: "event.id == 'x'", count: 2000).joined(separator: " || ")
        #expect(try Samples.evaluate(chain).description == "false")
    }
}
