internal import Expressions
package import JSON

/// An expression tried on one event: what `zentra-sync eval` does.
package struct ExpressionTrial: Sendable {
    /// An event that expressions cannot be tried on.
    package struct UnusableEvent: Error {
        package let message: String
        package let hint: String?
    }

    /// What came of it.
    package struct Result: Sendable {
        /// The value, or nil when there is none.
        package fileprivate(set) var value: String?
        /// Each part with its value.
        package fileprivate(set) var parts: [(text: String, value: String)] = []
        /// Errors, each with the place marked; and warnings.
        package fileprivate(set) var problems: [Problem] = []
    }

    package struct Problem: Sendable {
        package let severity: Diagnostic.Severity
        package let message: String
        /// The expression with the place marked and the hint beside the mark.
        package let excerpt: String
    }

    private let shape: EventShape
    private let variables: Activation

    /// - Parameters:
    ///   - event: what `POST /api/v1/events` takes, or an inbound event with `headers` and `query`. With a `type` it may be
    ///     the data alone.
    ///   - type: in the place of the event's own type.
    package init(event: JSONValue, type: String? = nil) throws(UnusableEvent) {
        guard var members = event.object else {
            throw UnusableEvent(message: "the event is not a JSON object", hint: nil)
        }
        if type != nil, members["data"] == nil { members = ["data": event] }
        guard let data = members["data"] else {
            throw UnusableEvent(
                message: "the event has no `data`",
                hint:
                    "write `{\"event\": \"ticket.created\", \"data\": {…}}`, or give --type for a file that is the data"
            )
        }
        let name = type ?? members["event"]?.string ?? members["type"]?.string ?? ""
        shape = try Self.shape(of: name)
        var fields: [(String, CELValue)] = [
            ("id", .string(members["id"]?.string ?? "evt_example")), ("type", .string(name)),
            (
                "ts",
                Timestamp(members["ts"]?.string ?? "").map(CELValue.timestamp) ?? .timestamp(Self.someTime)
            ),
            ("data", CELValue(data)),
        ]
        for (key, absent) in [
            ("changed", [] as JSONValue), ("previous", [:]), ("headers", [:]), ("query", [:]),
        ] {
            fields.append((key, CELValue(members[key] ?? absent)))
        }
        variables = Activation([
            "event": .record(fields), "delivery": .record([("id", .string(Self.someDelivery))]),
        ])
    }

    private static let someTime = Timestamp("2026-01-01T00:00:00Z")!
    private static let someDelivery = "00000000000000000000000000"

    /// Types that are built in have typed data; the data of others may be anything.
    private static func shape(of type: String) throws(UnusableEvent) -> EventShape {
        if type.isEmpty { return .open }
        if type.hasPrefix("inbound.") { return .inbound }
        guard EventCatalog.contains(type) else {
            throw UnusableEvent(
                message: "`\(type)` is not in the event catalogue",
                hint: EventCatalog.suggestion(for: type).map { "did you mean `\($0)`?" })
        }
        return EventShape([EventPattern(type)])
    }

    /// Evaluates a bare expression, or a text with `${ }` as it stands in a payload.
    package func evaluate(_ source: String) -> Result {
        source.contains("${") ? template(source) : expression(source)
    }

    private func expression(_ source: String) -> Result {
        var result = Result()
        do throws(CompilationError) {
            let declarations = ExpressionContext(.subscriptionFilter, event: shape).declarations
            let program = try Program.compile(source, in: declarations)
            result.problems = program.warnings.map { Self.problem($0, source) }
            let explanation = program.explain(variables)
            result.parts = ExplanationTable(explanation, source).rows
            switch explanation.result {
            case .success(let value): result.value = Printable.line(value.description)
            case .failure(let error): result.problems.append(Self.problem(error, source))
            }
        } catch {
            result.problems = error.diagnostics.map { Self.problem($0, source) }
        }
        return result
    }

    private func template(_ source: String) -> Result {
        var result = Result()
        do {
            let declarations = ExpressionContext(.subscriptionHeader, event: shape).declarations
            let template = try Template.compile(.string(source), in: declarations)
            result.problems = template.warnings.map { Self.problem($0.diagnostic, source) }
            for (program, _) in template.leaves.flatMap(\.text.programs) {
                result.parts += ExplanationTable(program.explain(variables), program.source).rows
            }
            result.value = try template.render(variables).json?.text ?? "omit()"
        } catch let error as TemplateError {
            result.problems = error.problems.map { Self.problem($0.diagnostic, source) }
        } catch let error as RenderError {
            result.problems.append(Self.problem(error.cause, source))
        } catch {
            preconditionFailure("\(error)")
        }
        return result
    }

    private static func problem(_ diagnostic: Expressions.Diagnostic, _ source: String) -> Problem {
        Problem(
            severity: diagnostic.severity == .error ? .error : .warning, message: diagnostic.message,
            excerpt: diagnostic.excerpt(of: source) + (diagnostic.hint.map { " \($0)" } ?? ""))
    }

    private static func problem(_ error: EvaluationError, _ source: String) -> Problem {
        let range = error.range ?? 0..<source.unicodeScalars.count
        return Problem(
            severity: .error, message: error.message, excerpt: SourceExcerpt.text(of: source, at: range))
    }
}

/// The parts of an expression, the whole first, each indented below what it is a part of.
private struct ExplanationTable {
    private struct Entry {
        let range: Range<Int>
        /// One value for each pass of the macros around it.
        var values: [String]
        let isMap: Bool
    }

    private static let maximumPasses = 6
    private static let maximumWidth = 100

    private let source: [Unicode.Scalar]
    private var entries: [Entry] = []

    init(_ explanation: Expressions.Explanation, _ source: String) {
        self.source = Array(source.unicodeScalars)
        for part in explanation.parts {
            let (value, isMap) = Self.text(part.result)
            if let position = entries.firstIndex(where: { $0.range == part.range }) {
                entries[position].values.append(value)
            } else {
                entries.append(Entry(range: part.range, values: [value], isMap: isMap))
            }
        }
        entries.sort {
            ($0.range.lowerBound, -$0.range.upperBound) < ($1.range.lowerBound, -$1.range.upperBound)
        }
    }

    var rows: [(text: String, value: String)] {
        let shown = entries.filter { !isBase($0) }
        return shown.map { entry in
            let depth = shown.count { $0.range != entry.range && $0.range.contains(entry.range) }
            let text = String(String.UnicodeScalarView(source[entry.range]))
            return (String(repeating: "  ", count: depth) + Printable.line(text), Self.joined(entry.values))
        }
    }

    /// `event.data` of `event.data.key`: a map that only says what is selected from.
    private func isBase(_ entry: Entry) -> Bool {
        let end = entry.range.upperBound
        return entry.isMap && end < source.count && (source[end] == "." || source[end] == "[")
    }

    private static func text(_ result: Swift.Result<CELValue, EvaluationError>) -> (String, isMap: Bool) {
        switch result {
        case .success(let value):
            if case .map = value { return (value.description, true) }
            return (value.description, false)
        case .failure(let error): return ("error: \(error.message)", false)
        }
    }

    private static func joined(_ values: [String]) -> String {
        let text =
            values.prefix(maximumPasses).joined(separator: ", ") + (values.count > maximumPasses ? ", …" : "")
        let line = Printable.line(text)
        return line.count <= maximumWidth ? line : line.prefix(maximumWidth) + "…"
    }
}
