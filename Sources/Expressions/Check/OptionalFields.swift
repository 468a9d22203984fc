/// The fields that may be absent and are used all the same.
///
/// A field that the expression tests somewhere, with `has(…)` or `in`, is taken for guarded.
struct OptionalFields {
    private var uses: [(path: String, range: Range<Int>)] = []
    private var guarded: Set<String> = []

    mutating func use(_ path: String, _ range: Range<Int>) { uses.append((path, range)) }

    mutating func guardUse(of path: String) { guarded.insert(path) }

    /// One for each field, where it is used first.
    var warnings: [Diagnostic] {
        var known = guarded
        return uses.filter { known.insert($0.path).inserted }.map { path, range in
            Diagnostic(
                code: .optionalField, severity: .warning,
                message: "`\(path)` may be absent, and the expression fails when it is", range: range,
                hint: "test it with `has(\(path))`")
        }
    }
}
