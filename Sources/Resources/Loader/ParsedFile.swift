/// What is known about a file without looking at the others.
struct ParsedFile: Sendable {
    let sources: [SourceFile]
    let documents: [ParsedDocument]
    let diagnostics: [Diagnostic]
    /// False when the file may hold resources that could not be made out.
    let isComplete: Bool
    let isReadable: Bool
    /// Whether documents of other files are merged into it.
    let hasOverlay: Bool
}

/// One document that says what it is; it has a resource when nothing is wrong with it.
struct ParsedDocument: Sendable {
    let id: ResourceID
    /// The value of `metadata.name`.
    let nameSpan: Span
    let resource: Resource?
    let references: [ReferenceUse]
    let facts: DocumentFacts?
}
