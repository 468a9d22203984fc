internal import JSON

/// Walks through a template with one budget of cost.
struct TemplateRenderer {
    private var evaluation: Evaluation
    private var steps: [TemplatePath.Step] = []

    init(evaluation: Evaluation) { self.evaluation = evaluation }

    /// Where it is, or where it failed.
    var path: TemplatePath { TemplatePath(steps) }

    /// nil for what is left out.
    mutating func render(_ part: Template.Part) throws(EvaluationError) -> RenderedTemplate.Part? {
        switch part {
        case .constant(let value): return .json(value)
        case .leaf(let text): return try leaf(text)
        case .array(let parts): return try array(parts)
        case .object(let parts): return try object(parts)
        }
    }

    private mutating func leaf(_ text: TextTemplate) throws(EvaluationError) -> RenderedTemplate.Part? {
        if let program = text.whole, program.resultType != .secret {
            guard case .expression(_, let start) = text.segments[0] else { return nil }
            do throws(EvaluationError) {
                return try program.root.json(&evaluation).map { .json($0) }
            } catch {
                throw error.moved(by: start)
            }
        }
        return try text.render(&evaluation).map {
            $0.names.isEmpty ? .json(.string($0.redacted)) : .secret($0)
        }
    }

    private mutating func array(_ parts: [Template.Part]) throws(EvaluationError) -> RenderedTemplate.Part {
        var elements: [RenderedTemplate.Part] = []
        elements.reserveCapacity(parts.count)
        for (index, part) in parts.enumerated() {
            steps.append(.index(index))
            if let element = try render(part) { elements.append(element) }
            steps.removeLast()
        }
        return .array(elements)
    }

    private mutating func object(
        _ parts: [(key: String, part: Template.Part)]
    ) throws(EvaluationError) -> RenderedTemplate.Part {
        var members: [(key: String, part: RenderedTemplate.Part)] = []
        members.reserveCapacity(parts.count)
        for (key, part) in parts {
            steps.append(.key(key))
            if let member = try render(part) { members.append((key, member)) }
            steps.removeLast()
        }
        return .object(members)
    }
}
