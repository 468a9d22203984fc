/// A field that names another resource.
package struct ReferenceUse: Sendable {
    package let target: ResourceID
    /// `spec.signing.secretRef`
    package let path: String
    let span: Span
}

/// A field that holds CEL, for the pass that checks expressions.
package struct ExpressionUse: Sendable {
    package enum Form: Sendable, Hashable {
        /// Bare CEL that yields a boolean.
        case condition
        /// Bare CEL.
        case value(ExpressionResult)
        /// A text with `${ CEL }` in it.
        case template
    }

    package let form: Form
    package let scope: ExpressionScope
    /// As YAML decoded it; offsets of problems count its Unicode scalars.
    package let text: String
    /// `spec.steps[0].http.body.summary`
    package let path: String
    let style: Scalar.Style
    let span: Span
}
