/// What files come to together: all that is wrong with them, and what they ask for.
struct CombinedFiles {
    /// Of files that have any, by path.
    private var diagnosticsOfFiles: [String: [Diagnostic]] = [:]
    private var check: CrossCheck
    /// nil when there is an error.
    private(set) var state: DesiredState?

    init(_ files: [ParsedFile]) {
        check = CrossCheck(files)
        for file in files where !file.diagnostics.isEmpty {
            diagnosticsOfFiles[file.path, default: []] += file.diagnostics
        }
        guard isValid else { return }
        state = DesiredState(files.lazy.flatMap(\.documents).compactMap(\.resource))
    }

    /// In the order in which they are shown.
    var diagnostics: [Diagnostic] { (diagnosticsOfFiles.values.joined() + check.diagnostics).sorted() }

    private var isValid: Bool {
        !diagnosticsOfFiles.values.joined().contains { $0.severity == .error }
            && !check.diagnostics.contains { $0.severity == .error }
    }

    /// Takes over that some files were replaced by others.
    ///
    /// - Parameter files: all that there are now.
    mutating func replace(_ old: [ParsedFile], with new: [ParsedFile], among files: [ParsedFile]) {
        guard let known = state, check.replace(old, with: new, among: files) else {
            self = CombinedFiles(files)
            return
        }
        for file in old { diagnosticsOfFiles[file.path] = nil }
        for file in new where !file.diagnostics.isEmpty { diagnosticsOfFiles[file.path] = file.diagnostics }
        state =
            isValid
            ? known.replacing(
                old.flatMap(\.documents).compactMap(\.resource),
                with: new.flatMap(\.documents).compactMap(\.resource)) : nil
    }
}
