import Expressions
import JSON

/// A benchmark: `run` does the work so many times; `count` is how often makes a good measurement.
typealias ExpressionBenchmark = (name: String, count: Int, run: (Int) -> Void)

/// What filters, conditions and payloads cost.
struct ExpressionBenchmarks: Subject {
    static let name = "expressions"
    private static let runs = 5

    init(phases: [String]?) {}

    func run(_ report: inout Report) {
        let limit = ExpressionLimit.perSecond(Self.rate)
        report.add(Measurement(name: ExpressionLimit.name, value: limit, unit: "/s", limit: .isLimit))
        for benchmark in benchmarks() {
            let rate = Self.rate(benchmark.run, count: benchmark.count)
            report.add(
                Measurement(
                    name: benchmark.name, value: rate, unit: "/s",
                    limit: .ratio(rate / limit, of: "the limit")))
        }
    }

    /// The median over the runs, after one that is not counted.
    private static func rate(_ run: (Int) -> Void, count: Int) -> Double {
        run(count / 10)
        return (0..<runs).map { _ in Double(count) / ContinuousClock().measure { run(count) }.seconds }.median
    }

    private func benchmarks() -> [ExpressionBenchmark] {
        let sample = ExpressionSample()
        return [
            ("filter on a parsed event", 1_000_000, sample.evaluations(of: ExpressionSample.filter)),
            (
                "filter and map over 100 elements", 20_000,
                sample.evaluations(
                    of: "event.data.numbers.filter(n, n % 2 == 0).map(n, n * 3).size() == 50")
            ),
            ("all over 100 elements", 50_000, sample.evaluations(of: "event.data.numbers.all(n, n >= 0)")),
            ("parse, check and plan the filter", 20_000, sample.compilations(of: ExpressionSample.filter)),
            ("template of 20 leaves", 50_000, sample.renderings()),
        ]
    }
}

/// What the filter costs when a person writes it in Swift, on the same JSON values.
private enum ExpressionLimit {
    static let name = "the filter written in Swift"
    private static let count = 1_000_000

    static func perSecond(_ measure: ((Int) -> Void, Int) -> Double) -> Double { measure(run, count) }

    private static func run(_ count: Int) {
        let event: JSONValue = [
            "type": "ticket.created",
            "data": [
                "id": "tkt_1", "key": "INC-41", "subject": "Mail is down", "type": "incident",
                "status": "open",
                "priority": "high",
            ],
        ]
        var matches = 0
        for _ in 0..<count {
            let priority = event["data"]?["priority"]?.string
            if priority == "high", event["type"]?.string?.hasPrefix("ticket.") == true { matches += 1 }
        }
        precondition(matches == count)
    }
}

/// The event, the declarations and the texts that are measured.
private struct ExpressionSample {
    static let filter = "event.data.priority == 'high' && event.type.startsWith('ticket.')"

    let declarations: Declarations
    let activation: Activation

    init() {
        let ticket = RecordType(
            "ticket",
            [
                .init("id", .string), .init("key", .string), .init("subject", .string),
                .init("type", .string),
                .init("status", .string), .init("priority", .string), .init("numbers", .list(.int)),
            ])
        let event = RecordType(
            "event",
            [
                .init("id", .string), .init("type", .string), .init("ts", .timestamp),
                .init("data", .record(ticket)),
            ])
        declarations = Declarations(["event": .record(event)])
        let data: JSONValue = [
            "id": "tkt_1", "key": "INC-41", "subject": "Mail is down", "type": "incident", "status": "open",
            "priority": "high", "numbers": .array((0..<100).map { .number(JSONNumber($0)) }),
        ]
        guard let time = Timestamp("2026-05-05T11:45:07Z") else { preconditionFailure("a valid time") }
        activation = Activation([
            "event": .record([
                "id": .string("evt_1"), "type": .string("ticket.created"), "ts": .timestamp(time),
                "data": CELValue(data),
            ])
        ])
    }

    func evaluations(of source: String) -> (Int) -> Void {
        let program = must { try Program.compile(source, in: declarations, expecting: .bool) }
        return { count in
            for _ in 0..<count { precondition(must { try program.holds(activation) }) }
        }
    }

    func compilations(of source: String) -> (Int) -> Void {
        { count in
            for _ in 0..<count {
                _ = must { try Program.compile(source, in: declarations, expecting: .bool) }
            }
        }
    }

    func renderings() -> (Int) -> Void {
        let leaves = [
            "${event.data.key}", "[${event.data.key}] ${event.data.subject}", "${event.ts}", "plain",
        ]
        let tree = JSONObject((0..<20).map { ("leaf\($0)", JSONValue.string(leaves[$0 % leaves.count])) })
        let template = must { try Template.compile(.object(tree), in: declarations) }
        return { count in
            for _ in 0..<count { _ = must { try template.render(activation).json } }
        }
    }

    private func must<Value>(_ body: () throws -> Value) -> Value {
        do { return try body() } catch { preconditionFailure("\(error)") }
    }
}
