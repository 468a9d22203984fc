package import JSON

/// A tree of JSON whose string leaves may hold `${ CEL }`: compiled once, rendered many times.
///
/// A leaf that is exactly one `${…}` keeps the value's type, a leaf with text around it becomes a string, `$${`
/// is a literal `${`, and `omit()` drops the key or element. Keys are left as they are, in their order.
package struct Template: Sendable {
    /// A use of a variable in a leaf.
    package struct Leaf: Sendable {
        package let path: TemplatePath
        package let text: TextTemplate
    }

    indirect enum Part: Sendable {
        /// A subtree without expressions.
        case constant(JSONValue)
        case leaf(TextTemplate)
        case array([Part])
        case object([(key: String, part: Part)])
    }

    private let root: Part
    /// The leaves that hold expressions, in the order of the tree.
    package let leaves: [Leaf]
    private let localCount: Int

    /// Compiles every leaf.
    ///
    /// - Throws: all problems of all leaves.
    package static func compile(_ tree: JSONValue, in declarations: Declarations) throws(TemplateError)
        -> Template
    {
        var compiler = TemplateCompiler(declarations)
        let root = compiler.part(tree, TemplatePath())
        guard compiler.problems.isEmpty else { throw TemplateError(problems: compiler.problems) }
        return Template(root: root, leaves: compiler.leaves)
    }

    private init(root: Part, leaves: [Leaf]) {
        self.root = root
        self.leaves = leaves
        localCount = leaves.map(\.text.localCount).max() ?? 0
    }

    /// The variables that the leaves use.
    package var references: [Reference] { leaves.flatMap { $0.text.programs.flatMap(\.program.references) } }

    /// The names of the secrets that the leaves use.
    package var secrets: [String] {
        var seen: Set<String> = []
        return leaves.flatMap { $0.text.programs.flatMap(\.program.secrets) }.filter {
            seen.insert($0).inserted
        }
    }

    /// Warnings of the leaves, with ranges that count from the beginning of the leaf's string.
    package var warnings: [TemplateError.Problem] {
        leaves.flatMap { leaf in
            leaf.text.programs.flatMap { program, start in
                program.warnings.map {
                    TemplateError.Problem(path: leaf.path, diagnostic: $0.moved(by: start))
                }
            }
        }
    }

    /// The tree for one set of variables.
    ///
    /// - Parameter costLimit: units of cost for all leaves together.
    package func render(
        _ activation: Activation, costLimit: Int = Cost.defaultLimit
    ) throws(RenderError) -> RenderedTemplate {
        var renderer = TemplateRenderer(
            evaluation: Evaluation(activation, limit: costLimit, localCount: localCount))
        do throws(EvaluationError) {
            return RenderedTemplate(root: try renderer.render(root))
        } catch {
            throw RenderError(path: renderer.path, cause: error)
        }
    }
}

/// Compiles the leaves of a tree and collects their problems.
private struct TemplateCompiler {
    private let declarations: Declarations
    private(set) var leaves: [Template.Leaf] = []
    private(set) var problems: [TemplateError.Problem] = []

    init(_ declarations: Declarations) { self.declarations = declarations }

    mutating func part(_ tree: JSONValue, _ path: TemplatePath) -> Template.Part {
        switch tree {
        case .string(let text): return leaf(text, path)
        case .array(let elements):
            var parts: [Template.Part] = []
            for (index, element) in elements.enumerated() {
                parts.append(part(element, path.appending(.index(index))))
            }
            return parts.allSatisfy(\.isConstant)
                ? .constant(.array(parts.compactMap(\.constant))) : .array(parts)
        case .object(let object):
            var parts: [(key: String, part: Template.Part)] = []
            for (key, value) in object { parts.append((key, part(value, path.appending(.key(key))))) }
            guard parts.allSatisfy(\.part.isConstant) else { return .object(parts) }
            var constant = JSONObject()
            for (key, part) in parts { constant.append(key, part.constant ?? .null) }
            return .constant(.object(constant))
        case .null, .bool, .number: return .constant(tree)
        }
    }

    private mutating func leaf(_ text: String, _ path: TemplatePath) -> Template.Part {
        do throws(CompilationError) {
            let template = try TextTemplate.compile(text, in: declarations)
            switch (template.segments.first, template.segments.count) {
            case (nil, _): return .constant(.string(""))
            case (.text(let text), 1): return .constant(.string(text))
            default:
                leaves.append(Template.Leaf(path: path, text: template))
                return .leaf(template)
            }
        } catch {
            problems += error.diagnostics.map { TemplateError.Problem(path: path, diagnostic: $0) }
            return .constant(.null)
        }
    }
}

extension Template.Part {
    fileprivate var constant: JSONValue? {
        if case .constant(let value) = self { value } else { nil }
    }

    fileprivate var isConstant: Bool { constant != nil }
}

/// Walks through a template with one budget of cost.
private struct TemplateRenderer {
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
