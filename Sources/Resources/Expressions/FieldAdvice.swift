internal import Expressions

/// Warns about fields of an event that are there for some of the events only, or most likely for none.
///
/// Neither is an error: an expression may look at `event.type` first, and events of one's own may have any field.
struct FieldAdvice {
    private let shape: EventShape

    init(_ shape: EventShape) { self.shape = shape }

    func problems(of program: Program, at start: Int) -> [ExpressionChecker.Problem] {
        guard shape.isOpen ? !shape.records.isEmpty : shape.records.count > 1 else { return [] }
        let references = program.references.filter { $0.variable == "event" }
        return references.compactMap { reference in
            let problem = shape.isOpen ? misspelt(reference) : partial(reference, among: references)
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
        guard let field = field(of: reference) else { return nil }
        let known = shape.orderedRecords.flatMap(\.fields).map(\.name)
        guard !known.contains(field), let near = Suggestion.hint(for: field, in: known) else { return nil }
        return ("no built-in event has a field `\(field)`", near)
    }

    /// Where several records may come, a field that not all of them have, and that nothing makes sure of.
    private func partial(_ reference: Reference, among references: [Reference]) -> (String, String)? {
        guard let field = field(of: reference), reference.path[0] == "data", !reference.toleratesAbsence
        else {
            return nil
        }
        let without = shape.orderedRecords.filter { !$0.fields.contains { $0.name == field } }
        let isProvidedFor = references.contains {
            $0.path.first == "type" || $0.toleratesAbsence && self.field(of: $0) == field
        }
        guard !without.isEmpty, !isProvidedFor else { return nil }
        let names = quoted(without.map { "\($0.rawValue).*" }, "and")
        return (
            "events \(names) have no field `\(field)`, so the expression fails for them",
            "look at `event.type` or `has(event.data.\(field))` first, or name fewer events"
        )
    }
}
