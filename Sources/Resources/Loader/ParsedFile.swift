/// What is known about a file without looking at the others.
///
/// A class, because those of the files that did not change are passed on at every look.
final class ParsedFile: Sendable {
    let sources: [SourceFile]
    let documents: [ParsedDocument]
    let diagnostics: [Diagnostic]
    /// False when the file may hold resources that could not be made out.
    let isComplete: Bool
    let isReadable: Bool
    /// Whether documents of other files are merged into it.
    let hasOverlay: Bool

    init(
        sources: [SourceFile], documents: [ParsedDocument], diagnostics: [Diagnostic], isComplete: Bool,
        isReadable: Bool, hasOverlay: Bool
    ) {
        self.sources = sources
        self.documents = documents
        self.diagnostics = diagnostics
        self.isComplete = isComplete
        self.isReadable = isReadable
        self.hasOverlay = hasOverlay
    }
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
