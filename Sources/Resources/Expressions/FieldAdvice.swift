internal import Expressions

/// Warns about fields of an event that are there for some of the events only, or most likely for none.
///
/// None is an error: an expression may look at `event.type` first, and events of one's own may have any field.
struct FieldAdvice {
    private let shape: EventShape

    init(_ shape: EventShape) { self.shape = shape }

    func problems(of program: Program, at start: Int) -> [ExpressionChecker.Problem] {
        let references = program.references.filter { $0.variable == "event" }
        return references.compactMap { reference in
            let problem =
                misspelt(reference) ?? partial(reference, among: references)
                ?? unchanged(reference, among: references)
            return problem.map { message, hint in
                ExpressionChecker.Problem(
                    offset: reference.range.lowerBound + start, length: reference.range.count,
                    code: .doubtfulField, message: message, hint: hint, severity: .warning)
            }
        }
    }

    private func field(of reference: Reference) -> String? {
        guard reference.path.count > 1, ["data", "previous"].contains(reference.path[0]) else { return nil }
        return reference.path[1]
    }

    /// Where events of one's own may come too, a field that is nearly one of a built-in event.
    private func misspelt(_ reference: Reference) -> (String, String)? {
        guard shape.isOpen, let field = field(of: reference) else { return nil }
        let known = shape.orderedRecords.flatMap(\.fields).map(\.name)
        guard !known.contains(field), let near = Suggestion.hint(for: field, in: known) else { return nil }
        return ("no built-in event has a field `\(field)`", near)
    }

    /// Where several records may come, a field that not all of them have, and that nothing makes sure of.
    private func partial(_ reference: Reference, among references: [Reference]) -> (String, String)? {
        guard !shape.isOpen, let field = field(of: reference), reference.path[0] == "data",
            !references.contains(where: { $0.path.first == "type" }), !isTested(reference, among: references)
        else { return nil }
        let without = shape.orderedRecords.filter { !$0.fields.contains { $0.name == field } }
        guard !without.isEmpty else { return nil }
        let names = quoted(without.map { "\($0.rawValue).*" }, "and")
        return (
            "events \(names) have no field `\(field)`, so the expression fails for them",
            "look at `event.type` or `has(event.data.\(field))` first, or name fewer events"
        )
    }

    /// The value before a change, of a field that may not have changed.
    private func unchanged(_ reference: Reference, among references: [Reference]) -> (String, String)? {
        guard let field = field(of: reference), reference.path[0] == "previous",
            !references.contains(where: { $0.path.first == "changed" }),
            !isTested(reference, among: references)
        else { return nil }
        return (
            "`event.previous` has no `\(field)` where it did not change, so the expression fails then",
            "look at `has(event.previous.\(field))` first, or at `event.changed`"
        )
    }

    /// Whether the expression provides, here or elsewhere, for the absence of the field.
    private func isTested(_ reference: Reference, among references: [Reference]) -> Bool {
        references.contains { $0.toleratesAbsence && $0.path.prefix(2) == reference.path.prefix(2) }
    }
}
