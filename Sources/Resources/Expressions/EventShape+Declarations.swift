internal import Expressions

/// The variable `event` as the checker sees it.
///
/// The fields of built-in data are known, so that a misspelt one is an error; where several types of event may come, a field
/// of any of them can be used. Values have the types that JSON gives them: times are strings.
extension EventShape {
    var eventType: CELType {
        var fields: [Expressions.RecordType.Field] = [
            .init("id", .string), .init("type", .string), .init("ts", .timestamp), .init("data", dataType),
        ]
        if hasChanges {
            fields += [.init("changed", .list(.string)), .init("previous", previousType)]
        }
        if isInbound {
            let map = CELType.map(.string, .string)
            fields += [.init("headers", map), .init("query", map)]
        }
        return .record(Expressions.RecordType("event", fields))
    }

    private var dataType: CELType { isOpen ? .dyn : unionType(inputs ?? []) }

    /// The values before the change, of the fields that changed.
    private var previousType: CELType { isOpen ? .map(.string, .dyn) : unionType([]) }

    /// No field is declared as one that may be absent: `FieldAdvice` knows better which are, and what makes sure of them.
    private func unionType(_ inputs: [Input]) -> CELType {
        var fields: [(name: String, type: CELType)] = []
        let all = orderedRecords.flatMap(\.fields).map { ($0.name, $0.celType) }
        for (name, type) in all + inputs.map({ ($0.name, $0.type?.celType ?? .dyn) }) {
            if let position = fields.firstIndex(where: { $0.name == name }) {
                fields[position].type = Self.common(fields[position].type, type)
            } else {
                fields.append((name, type))
            }
        }
        let optional = Set(inputs.filter(\.isOptional).map(\.name))
        let name = (orderedRecords.map(\.rawValue) + (self.inputs == nil ? [] : ["inputs"])).joined(
            separator: " or ")
        return .record(
            Expressions.RecordType(
                name, fields.map { .init($0.name, $0.type, optional: optional.contains($0.name)) }))
    }

    /// The type of a field that two records have.
    private static func common(_ first: CELType, _ second: CELType) -> CELType {
        if first == second || first == second.orNull { return first }
        return first.orNull == second ? second : .dyn
    }
}

extension RecordField {
    var celType: CELType {
        let type: CELType =
            switch type {
            case .string, .timestamp, .enumeration: .string
            case .dynamic: .dyn
            }
        return isNullable ? type.orNull : type
    }
}

extension InputType {
    /// Numbers may be integers or not.
    fileprivate var celType: CELType {
        switch self {
        case .string: .string
        case .integer: .int
        case .number: .dyn
        case .boolean: .bool
        case .object: .map(.string, .dyn)
        case .list: .list(.dyn)
        }
    }
}
