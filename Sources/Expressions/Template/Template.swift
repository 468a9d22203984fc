package import JSON

/// A tree of JSON whose string leaves may hold `${ CEL }`: compiled once, rendered many times.
///
/// A leaf that is exactly one `${…}` keeps the value's type, a leaf with text around it becomes a string, `$${`
/// is a literal `${`, and `omit()` drops the key or element. Keys are left as they are, in their order.
package struct Template: Sendable {
    /// A leaf that holds expressions.
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
