/// What can only be seen over all files: names that appear twice, references to what is not there.
struct CrossCheck {
    private(set) var diagnostics: [Diagnostic] = []
    private var places: [ResourceID: SourcePosition] = [:]

    init(_ files: [ParsedFile]) {
        places.reserveCapacity(files.count)
        for file in files { names(of: file) }
        // What is missing may be in a file that could not be read; saying so would only hide the reason.
        guard files.allSatisfy(\.isComplete) else { return }
        for file in files { references(of: file) }
        diagnostics += WorkflowCrossCheck(files).diagnostics
    }

    private mutating func names(of file: ParsedFile) {
        var sink = DiagnosticSink(file.sources)
        for document in file.documents {
            let span = document.nameSpan
            let place = SourcePosition(
                file: file.sources[Int(span.source)].path, line: Int(span.start.line),
                column: Int(span.start.column))
            guard let first = places.updateValue(place, forKey: document.id) else { continue }
            places[document.id] = first
            sink.add(
                .duplicateName, "there are two resources `\(document.id)`", at: span,
                hint: "the first one is at \(first)")
        }
        diagnostics += sink.diagnostics
    }

    private func names(of kind: ResourceKind) -> [String] {
        places.keys.filter { $0.kind == kind }.map(\.name).sorted()
    }

    private mutating func references(of file: ParsedFile) {
        var sink = DiagnosticSink(file.sources)
        for reference in file.documents.lazy.flatMap(\.references) where places[reference.target] == nil {
            let target = reference.target
            sink.add(
                .unknownReference, "there is no \(target.kind) `\(target.name)`", at: reference.span,
                hint: Suggestion.hint(for: target.name, in: names(of: target.kind)))
        }
        diagnostics += sink.diagnostics
    }
}
