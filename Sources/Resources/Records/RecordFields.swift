package import JSON

/// Which fields a caller may give a record, and what may stand in them.
package enum RecordFields {
    /// Bytes of a text; `description` may be longer.
    package static let maximumText = 4 << 10
    package static let maximumDescription = 512 << 10
    /// Bytes of `custom` as compact JSON.
    package static let maximumCustom = 64 << 10

    package static func check(_ values: JSONObject, of type: RecordType) throws(RecordProblem) {
        for (name, value) in values { try check(name, value, type) }
    }

    private static func check(_ name: String, _ value: JSONValue, _ type: RecordType) throws(RecordProblem) {
        func invalid(_ detail: String) -> RecordProblem {
            RecordProblem(message: "`\(name)` \(detail)", field: name)
        }
        guard let field = type.fields.first(where: { $0.name == name }) else {
            let known = type.fields.map(\.name).filter { !RecordRules.derived.contains($0) }
            let meant = Suggestion.nearest(to: name, in: known).map { "; did you mean `\($0)`?" } ?? ""
            throw invalid("is not a field of \(type.withArticle)\(meant)")
        }
        guard !RecordRules.derived.contains(name) else { throw invalid("cannot be set") }
        if value.isNull {
            // In a patch, null removes fields of one's own.
            guard field.isNullable else { throw invalid("cannot be null") }
            return
        }
        switch field.type {
        case .string, .timestamp:
            guard let text = value.string else { throw invalid("is not a string") }
            let limit = name == "description" ? maximumDescription : maximumText
            guard text.utf8.count <= limit else { throw invalid("is longer than \(limit) bytes") }
            guard !text.utf8.contains(0) else { throw invalid("holds the character NUL") }
            if name == RecordRules.of(type).title, !text.contains(where: { !$0.isWhitespace }) {
                throw invalid("is empty")
            }
        case .enumeration(let values):
            guard let text = value.string, values.contains(text) else {
                throw invalid("is one of \(values.map { "`\($0)`" }.joined(separator: ", "))")
            }
        case .dynamic:
            guard value.object != nil else { throw invalid("is not an object") }
            guard value.utf8.count <= maximumCustom else {
                throw invalid("is larger than \(maximumCustom) bytes")
            }
        }
    }
}

extension JSONValue {
    /// This value changed by a patch (RFC 7396): members replace members, null removes.
    package func merging(_ patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var members = object ?? JSONObject()
        for (key, value) in changes {
            members[key] = value.isNull ? nil : (members[key] ?? .null).merging(value)
        }
        return .object(members)
    }
}
