import Glibc
import JSON

/// Measures and prints: each figure as the median of several runs, and as a ratio to the limit of its group, which is
/// measured in the same run. `--json FILE` writes the same as JSON.
@main
enum Benchmarks {
    private static let runs = 5

    struct Result {
        let name: String
        let perSecond: Double
        /// Against the limit of the group; nil for the limit itself.
        let ratio: Double?
    }

    static func main() async throws {
        let arguments = CommandLine.arguments
        if let size = arguments.last.flatMap({ Int($0) }), arguments.contains(ReconcilerBenchmarks.argument) {
            return try await ReconcilerBenchmarks.measure(size)
        }
        var results: [Result] = []
        for group in [ExpressionLimit.benchmark: expressionBenchmarks()] {
            let limit = perSecond(group.key.run, count: group.key.count)
            results.append(Result(name: group.key.name, perSecond: limit, ratio: nil))
            results += group.value.map { benchmark in
                let rate = perSecond(benchmark.run, count: benchmark.count)
                return Result(name: benchmark.name, perSecond: rate, ratio: rate / limit)
            }
        }
        for result in results { print(line(result)) }
        let sizes = try ReconcilerBenchmarks.run()
        try writeJSON(results, sizes)
    }

    /// The median over the runs, after one that is not counted.
    private static func perSecond(_ run: (Int) -> Void, count: Int) -> Double {
        run(count / 10)
        let rates = (0..<runs).map { _ in
            let duration = ContinuousClock().measure { run(count) }
            let (seconds, attoseconds) = duration.components
            return Double(count) / (Double(seconds) + Double(attoseconds) / 1e18)
        }
        return rates.sorted()[runs / 2]
    }

    private static func line(_ result: Result) -> String {
        let name = result.name + String(repeating: " ", count: max(0, 64 - result.name.count))
        let rate = String(Int(result.perSecond))
        let padded = String(repeating: " ", count: max(0, 12 - rate.count)) + rate
        guard let ratio = result.ratio else { return "\(name)\(padded)/s   limit" }
        return "\(name)\(padded)/s   \(Double(Int(ratio * 1000)) / 1000)"
    }

    private static func writeJSON(_ results: [Result], _ sizes: [JSONValue]) throws {
        let arguments = CommandLine.arguments
        guard let flag = arguments.firstIndex(of: "--json"), flag + 1 < arguments.count else { return }
        let items = results.map { result -> JSONValue in
            [
                "name": .string(result.name), "perSecond": .number(JSONNumber(Int(result.perSecond))),
                "ratio": result.ratio.flatMap { JSONNumber($0) }.map(JSONValue.number) ?? .null,
            ]
        }
        let text = JSONValue.array(items + sizes).prettyText + "\n"
        guard let file = fopen(arguments[flag + 1], "w") else {
            throw WriteFailure(path: arguments[flag + 1], code: errno)
        }
        defer { fclose(file) }
        guard fputs(text, file) >= 0 else { throw WriteFailure(path: arguments[flag + 1], code: errno) }
    }

    private struct WriteFailure: Error {
        let path: String
        let code: Int32
    }
}

/// What the filter costs when a person writes it in Swift, on the same JSON values.
struct ExpressionLimit: Hashable {
    let name: String
    let count: Int

    static let benchmark = ExpressionLimit(name: "expression: the filter written in Swift", count: 1_000_000)

    func run(_ count: Int) {
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
