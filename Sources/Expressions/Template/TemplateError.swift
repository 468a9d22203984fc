/// Why a template cannot be used: every problem in every leaf.
package struct TemplateError: Error, Sendable, Equatable {
    package struct Problem: Sendable, Equatable {
        /// The leaf.
        package let path: TemplatePath
        /// What is wrong; its range counts Unicode scalars from the beginning of the leaf's string.
        package let diagnostic: Diagnostic
    }

    /// In the order of the tree.
    package let problems: [Problem]
}

extension TemplateError: CustomStringConvertible {
    package var description: String {
        problems.map { "\($0.path): \($0.diagnostic.message)" }.joined(separator: "; ")
    }
}

/// Why a template has no result for one set of variables.
package struct RenderError: Error, Sendable, Equatable {
    /// The leaf.
    package let path: TemplatePath
    /// What went wrong; its range counts from the beginning of the leaf's string.
    package let cause: EvaluationError
}

extension RenderError: CustomStringConvertible {
    package var description: String { path.steps.isEmpty ? cause.message : "\(path): \(cause.message)" }
}
