import Glibc

/// Measures parts of the program and prints each figure beside the limit of its kind, which is measured in the same run.
///
/// `--only NAME` measures one subject; `--json FILE` writes the figures as JSON too.
@main
enum Benchmarks {
    static func main() async throws {
        do {
            try await run()
        } catch let failure as BenchmarkFailure {
            let text = Array("error: \(failure)\n".utf8)
            _ = write(STDERR_FILENO, text, text.count)
            exit(1)
        }
    }

    private static func run() async throws {
        let subjects: [any Subject.Type] = [
            ExpressionBenchmarks.self, ReconcilerSubject.self, DeliveryBenchmarks.self,
            WorkflowBenchmarks.self,
        ]
        if let size = CommandLine.arguments.last.flatMap({ Int($0) }),
            CommandLine.arguments.contains(ReconcilerBenchmarks.argument)
        {
            return try await ReconcilerBenchmarks.measure(size)
        }
        let options = try Options(CommandLine.arguments.dropFirst())
        let chosen = subjects.filter { options.only?.contains($0.name) ?? true }
        guard !chosen.isEmpty else {
            throw BenchmarkFailure(
                "there are the subjects \(subjects.map { $0.name }.joined(separator: ", "))")
        }
        var report = Report()
        for subject in chosen {
            report.begin(subject.name)
            try await subject.init(phases: options.phases).run(&report)
        }
        if let file = options.json { try report.write(json: file) }
    }

    private struct Options {
        var only: [String]?
        /// Of a subject; nil for all.
        var phases: [String]?
        var json: String?

        init(_ arguments: ArraySlice<String>) throws {
            var rest = arguments
            while let name = rest.popFirst() {
                guard let value = rest.popFirst() else { throw BenchmarkFailure("\(name) needs a value") }
                let list = value.split(separator: ",").map(String.init)
                switch name {
                case "--only": only = value.isEmpty ? nil : list
                case "--phases": phases = value.isEmpty ? nil : list
                case "--json": json = value
                default: throw BenchmarkFailure("unknown option \(name)")
                }
            }
        }
    }
}

/// One part of the program that is measured.
protocol Subject: Sendable {
    static var name: String { get }

    /// - Parameter phases: what of it to measure; nil for everything.
    init(phases: [String]?) throws

    func run(_ report: inout Report) async throws
}

extension CaseIterable where Self: RawRepresentable<String> {
    /// The phases of those names, in the order in which they are measured; all without names.
    static func chosen(_ names: [String]?) throws -> [Self] {
        guard let names else { return Array(allCases) }
        if let unknown = names.first(where: { Self(rawValue: $0) == nil }) {
            let known = allCases.map(\.rawValue).joined(separator: ", ")
            throw BenchmarkFailure("there is no phase \(unknown) but \(known)")
        }
        return allCases.filter { names.contains($0.rawValue) }
    }
}

/// Why there is no figure.
struct BenchmarkFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
