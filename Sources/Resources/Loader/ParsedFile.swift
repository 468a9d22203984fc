/// What is known about a file without looking at the others.
///
/// A class, because those of the files that did not change are passed on at every look.
final class ParsedFile: Sendable {
    let path: String
    let contentID: String
    let sources: [SourceFile]
    let documents: [ParsedDocument]
    let diagnostics: [Diagnostic]
    /// False when the file may hold resources that could not be made out.
    let isComplete: Bool
    let isReadable: Bool
    /// Whether documents of other files are merged into it.
    let hasOverlay: Bool

    init(
        _ file: ConfigurationFile, sources: [SourceFile], documents: [ParsedDocument],
        diagnostics: [Diagnostic], isComplete: Bool, isReadable: Bool, hasOverlay: Bool
    ) {
        path = file.path
        contentID = file.contentID
        self.sources = sources
        self.documents = documents
        self.diagnostics = diagnostics
        self.isComplete = isComplete
        self.isReadable = isReadable
        self.hasOverlay = hasOverlay
    }

    /// Whether it says all that there is to know about a file: one that could not be read is tried again, and one with an
    /// overlay is merged again.
    func isCurrent(_ file: ConfigurationFile) -> Bool {
        isReadable && !hasOverlay && path == file.path && contentID == file.contentID
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
