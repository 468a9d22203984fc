/// What can only be seen over all files: names that appear twice, references to what is not there.
///
/// Keeps what it learned about names and references, so that a change of some files is checked by looking at those.
struct CrossCheck {
    private var diagnosticsOfNames: [Diagnostic] = []
    private var diagnosticsOfWorkflows: [Diagnostic] = []
    private var places: [ResourceID: SourcePosition] = [:]
    /// How often something is referred to.
    private var uses: [ResourceID: Int] = [:]
    private var isComplete = true

    init(_ files: [ParsedFile]) {
        places.reserveCapacity(files.count)
        for file in files { names(of: file) }
        // What is missing may be in a file that could not be read; saying so would only hide the reason.
        isComplete = files.allSatisfy(\.isComplete)
        guard isComplete else { return }
        for file in files { references(of: file) }
        diagnosticsOfWorkflows = WorkflowCrossCheck(files).diagnostics
    }

    var diagnostics: [Diagnostic] { diagnosticsOfNames + diagnosticsOfWorkflows }

    private mutating func names(of file: ParsedFile) {
        var sink = DiagnosticSink(file.sources)
        for document in file.documents {
            let place = document.place(in: file)
            guard let first = places.updateValue(place, forKey: document.id) else { continue }
            places[document.id] = first
            sink.add(
                .duplicateName, "there are two resources `\(document.id)`", at: document.nameSpan,
                hint: "the first one is at \(first)")
        }
        diagnosticsOfNames += sink.diagnostics
    }

    private func names(of kind: ResourceKind) -> [String] {
        places.keys.filter { $0.kind == kind }.map(\.name).sorted()
    }

    private mutating func references(of file: ParsedFile) {
        var sink = DiagnosticSink(file.sources)
        for reference in file.documents.lazy.flatMap(\.references) {
            uses[reference.target, default: 0] += 1
            guard places[reference.target] == nil else { continue }
            let target = reference.target
            sink.add(
                .unknownReference, "there is no \(target.kind) `\(target.name)`", at: reference.span,
                hint: Suggestion.hint(for: target.name, in: names(of: target.kind)))
        }
        diagnosticsOfNames += sink.diagnostics
    }
}

extension CrossCheck {
    /// Takes over that some files were replaced by others.
    ///
    /// - Parameter files: all that there are now.
    /// - Returns: false when something is wrong with names or references, now or before: all files have to be checked then,
    ///   and this value says nothing any more.
    mutating func replace(_ old: [ParsedFile], with new: [ParsedFile], among files: [ParsedFile]) -> Bool {
        guard isComplete, diagnosticsOfNames.isEmpty, new.allSatisfy(\.isComplete) else { return false }
        let (before, after) = (old.flatMap(\.documents), new.flatMap(\.documents))
        for document in before {
            places[document.id] = nil
            for reference in document.references { forget(reference.target) }
        }
        for file in new {
            for document in file.documents {
                guard places.updateValue(document.place(in: file), forKey: document.id) == nil else {
                    return false
                }
            }
        }
        for reference in after.lazy.flatMap(\.references) { uses[reference.target, default: 0] += 1 }
        let isWhole =
            before.allSatisfy { places[$0.id] != nil || uses[$0.id] == nil }
            && after.lazy.flatMap(\.references).allSatisfy { places[$0.target] != nil }
        guard isWhole else { return false }
        if (before + after).contains(where: { $0.facts != nil }) {
            diagnosticsOfWorkflows = WorkflowCrossCheck(files).diagnostics
        }
        return true
    }

    private mutating func forget(_ target: ResourceID) {
        guard let count = uses[target], count > 1 else {
            uses[target] = nil
            return
        }
        uses[target] = count - 1
    }
}

extension ParsedDocument {
    /// Of its name.
    fileprivate func place(in file: ParsedFile) -> SourcePosition {
        SourcePosition(
            file: file.sources[Int(nameSpan.source)].path, line: Int(nameSpan.start.line),
            column: Int(nameSpan.start.column))
    }
}
