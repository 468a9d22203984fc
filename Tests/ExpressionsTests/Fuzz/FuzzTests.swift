import Foundation
import JSON
import Testing

@testable import Expressions

/// Whatever is written, parser, checker, evaluator and templates answer: no crash, no hang, bounded memory.
///
/// The number of texts is fixed; `ZENTRA_FUZZ_ITERATIONS` asks for more.
@Suite struct FuzzTests {
    private static let iterations =
        ProcessInfo.processInfo.environment["ZENTRA_FUZZ_ITERATIONS"].flatMap(Int.init) ?? 300

    private static let corpus: [String] =
        (ListsTests.examples + SetsTests.examples + PayloadTests.examples + TimeTests.examples
        + StringsTests.examples)
        .map(\.source) + DiagnosticTests.complaints.map(\.source)
        + [
            "event.data.priority == 'high' && event.type.startsWith('ticket.')",
            "event.data.tags.exists(t, t == 'mail')",
        ]

    private static let unchecked: Declarations = {
        var declarations = Samples.declarations
        declarations.checksTypes = false
        return declarations
    }()

    /// What one evaluation may cost here; the memory that it takes follows from it.
    private static let costLimit = 20_000

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `any text is answered`(_ seed: UInt64) throws {
        var fuzzer = ExpressionFuzzer(seed: seed, corpus: Self.corpus)
        let before = try Self.residentBytes()
        for iteration in 0..<Self.iterations {
            let source = fuzzer.next()
            check(source, in: Samples.declarations)
            check(source, in: Self.unchecked)
            if iteration % 4 == 0 { render("a ${\(source)} b") }
        }
        #expect(try Self.residentBytes() - before < 512 << 20)
    }

    private func check(_ source: String, in declarations: Declarations) {
        do throws(CompilationError) {
            let program = try Program.compile(source, in: declarations)
            evaluate(program)
        } catch {
            #expect(!error.diagnostics.isEmpty)
            let length = source.unicodeScalars.count
            #expect(
                error.diagnostics.allSatisfy {
                    $0.range.lowerBound >= 0 && $0.range.upperBound <= max(length, 1)
                },
                "a problem outside of \(source)")
        }
    }

    private func evaluate(_ program: Program) {
        let direct = Result { () throws(EvaluationError) in
            try program.evaluate(Samples.activation, costLimit: Self.costLimit)
        }
        let explained = program.explain(Samples.activation, costLimit: Self.costLimit)
        // Parts that were evaluated ahead cost nothing, so that the explained evaluation may stop earlier.
        if case .failure(let error) = explained.result, error.code == .costLimit { return }
        switch (direct, explained.result) {
        case (.success(let direct), .success(let explained)):
            #expect(direct.typeName == explained.typeName, "\(program.source)")
        case (.failure, .failure): break
        default: Issue.record("\(program.source): \(direct) directly, \(explained.result) explained")
        }
    }

    private func render(_ text: String) {
        let template: Template
        do throws(TemplateError) {
            template = try Template.compile(["leaf": .string(text)], in: Samples.declarations)
        } catch {
            #expect(!error.problems.isEmpty)
            return
        }
        do throws(RenderError) {
            _ = try template.render(Samples.activation, costLimit: Self.costLimit)
        } catch {
            #expect(error.path.description == "leaf")
        }
    }

    /// The resident memory of the process.
    private static func residentBytes() throws -> Int {
        #if os(Linux)
            let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
            return (Int(fields[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE))
        #else
            return 0
        #endif
    }
}
