internal import JSON

/// A string that may hold `${ CEL }`, such as the value of a header.
package struct TextTemplate: Sendable {
    package enum Segment: Sendable {
        case text(String)
        /// A program, and where its source begins in the text, in Unicode scalars.
        case expression(Program, start: Int)
    }

    /// The text as it was written; what errors say about places counts in it.
    package let source: String
    package let segments: [Segment]

    /// Compiles every expression in the text.
    ///
    /// - Throws: all problems; their ranges count from the beginning of the text.
    package static func compile(
        _ text: String, in declarations: Declarations
    ) throws(CompilationError) -> TextTemplate {
        var segments: [Segment] = []
        var diagnostics: [Diagnostic] = []
        for piece in try TemplateScanner.pieces(of: text) {
            switch piece {
            case .text(let text): segments.append(.text(text))
            case .expression(let source, let start):
                do throws(CompilationError) {
                    segments.append(.expression(try Program.compile(source, in: declarations), start: start))
                } catch {
                    diagnostics += error.diagnostics.map { $0.moved(by: start) }
                }
            }
        }
        guard diagnostics.isEmpty else { throw CompilationError(diagnostics) }
        return TextTemplate(source: text, segments: segments)
    }

    /// The programs in the text and where their sources begin.
    package var programs: [(program: Program, start: Int)] {
        segments.compactMap { segment in
            if case .expression(let program, let start) = segment { (program, start) } else { nil }
        }
    }

    /// The one expression that the whole text is; nil when there is text around it or none at all.
    package var whole: Program? {
        guard segments.count == 1, case .expression(let program, _) = segments[0] else { return nil }
        return program
    }

    /// The text for one set of variables; nil when an expression in it is `omit()` or an absent optional.
    ///
    /// Strings stand as they are, every other value as its JSON.
    ///
    /// - Parameter percentEncoding: encodes the value of every expression that has text around it, for URLs; but not a
    ///   secret that holds the host.
    package func render(
        _ activation: Activation, percentEncoding: Bool = false, costLimit: Int = Cost.defaultLimit
    ) throws(EvaluationError) -> SecretText? {
        var evaluation = Evaluation(activation, limit: costLimit, localCount: localCount)
        return try render(&evaluation, percentEncoding: percentEncoding)
    }

    var localCount: Int { programs.map(\.program.localCount).max() ?? 0 }

    func render(
        _ evaluation: inout Evaluation, percentEncoding: Bool = false
    ) throws(EvaluationError) -> SecretText? {
        var parts: [SecretText.Part] = []
        for (index, segment) in segments.enumerated() {
            switch segment {
            case .text(let text): parts.append(.text(text))
            case .expression(let program, let start):
                let isHost = program.resultType == .secret && beginsURL(index)
                let encodes = percentEncoding && segments.count > 1 && !isHost
                guard let rendered = try Self.parts(of: program, start, encodes, &evaluation) else {
                    return nil
                }
                parts += rendered
            }
        }
        return SecretText(parts: parts)
    }

    /// Whether nothing but a scheme stands before the segment.
    private func beginsURL(_ index: Int) -> Bool {
        guard index == 1, case .text(let text) = segments[0] else { return index == 0 }
        return ["https://", "http://"].contains(text.lowercased())
    }

    private static func parts(
        of program: Program, _ start: Int, _ encodes: Bool, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> [SecretText.Part]? {
        do throws(EvaluationError) {
            if program.resultType == .secret {
                let secret = try program.secret(&evaluation)
                return encodes ? [.percentEncoded(secret)] : secret.parts
            }
            guard let json = try program.root.json(&evaluation) else { return nil }
            let text = json.string ?? json.text
            try evaluation.chargeTraversal(text.utf8.count)
            return [.text(encodes ? PercentEncoding.encode(text) : text)]
        } catch {
            throw error.moved(by: start)
        }
    }
}

extension Program {
    /// The value of a program whose type is `secret`.
    func secret(_ evaluation: inout Evaluation) throws(EvaluationError) -> SecretText {
        guard case .secret(let secret) = try root.evaluate(&evaluation) else { throw .secretMisuse }
        return secret
    }
}
