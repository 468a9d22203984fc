internal import JSON

/// What `explain KIND[.field…]` says.
package enum Explanation {
    /// A path that leads to no field.
    package struct Failure: Error, Equatable, CustomStringConvertible {
        package let message: String
        package let hint: String?

        package var description: String { message }
    }

    /// The text for `Subscription` or `Subscription.spec.retry.maxAttempts` (`spec` may be left out), with line breaks.
    package static func text(_ path: String) throws(Failure) -> String {
        let parts = path.split(separator: ".").map(String.init)
        guard let first = parts.first, let kind = kind(first) else {
            throw Failure(
                message: "there is no kind `\(parts.first ?? "")`",
                hint: ResourceKind.hint(for: parts.first ?? ""))
        }
        let schema = KindSchema.of(kind)
        if parts.count == 1 { return describe(schema) }
        var object: ObjectSchema
        var rest = parts[1...]
        (object, rest) = root(schema, rest)
        guard !rest.isEmpty else { return "\(path)\n\n" + fields(object, schema) }
        var field: Field?
        for name in rest {
            guard let next = object.field(name) else {
                let known = object.fields.map(\.name)
                throw Failure(
                    message: "`\(path)`: there is no field `\(name)`",
                    hint: Suggestion.hint(for: name, in: known)
                        ?? (known.isEmpty ? nil : "fields: \(quoted(known, "and"))"))
            }
            field = next
            object = next.type.object(schema) ?? ObjectSchema([])
        }
        return describe(field!, path, schema)
    }

    /// Kinds are found in any case, as fields are spelled often enough.
    private static func kind(_ name: String) -> ResourceKind? {
        ResourceKind.allCases.first { $0.rawValue.lowercased() == name.lowercased() }
    }

    private static func root(_ schema: KindSchema, _ rest: ArraySlice<String>) -> (
        ObjectSchema, ArraySlice<String>
    ) {
        switch rest.first {
        case "metadata": (KindSchema.metadata, rest.dropFirst())
        case "spec": (schema.spec, rest.dropFirst())
        default: (schema.spec, rest)
        }
    }

    private static func describe(_ schema: KindSchema) -> String {
        "\(schema.kind)\(mark(schema.availability))\n\n  \(schema.doc)\n\n" + fields(schema.spec, schema)
    }

    private static func describe(_ field: Field, _ path: String, _ schema: KindSchema) -> String {
        var text = "\(path): \(field.type.summary)\(mark(field.availability))\n\n  \(field.doc)\n\n"
        text += field.isRequired ? "  required\n" : "  optional\n"
        if let value = field.defaultValue { text += "  default: \(value.string ?? value.text)\n" }
        if let bounds = field.type.bounds { text += "  \(bounds)\n" }
        if let object = field.type.object(schema) { text += "\n" + fields(object, schema) }
        return text
    }

    private static func fields(_ object: ObjectSchema, _ schema: KindSchema) -> String {
        let width = object.fields.map(\.name.count).max() ?? 0
        return object.fields.map { field in
            let name = field.name.padding(to: width)
            let details = [
                field.isRequired ? "required" : nil,
                field.defaultValue.map { "default \($0.string ?? $0.text)" },
                field.availability == .planned ? "not supported by this version" : nil,
            ].compactMap(\.self)
            let suffix = details.isEmpty ? "" : " (\(details.joined(separator: ", ")))"
            return "  \(name)  \(field.type.summary)\(suffix)\n  \("".padding(to: width))  \(field.doc)\n"
        }.joined()
    }

    private static func mark(_ availability: Availability) -> String {
        availability == .available ? "" : " (not supported by this version)"
    }
}

extension FieldType {
    /// The mapping that the type is or holds.
    fileprivate func object(_ kind: KindSchema) -> ObjectSchema? {
        switch self {
        case .object(let schema): schema
        case .definition(let name): kind.definitions[name]
        case .list(let element, _), .nullable(let element), .map(_, let element, _): element.object(kind)
        case .union(let types): types.lazy.compactMap { $0.object(kind) }.first
        default: nil
        }
    }

    /// The values that the type allows, when it bounds them.
    fileprivate var bounds: String? {
        switch self {
        case .integer(let range): "from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range): "from \(range.lowerBound) to \(range.upperBound)"
        case .duration(let range):
            "from \(range.lowerBound.configurationText) to \(range.upperBound.configurationText)"
        case .byteCount(let range): "from \(range.lowerBound) to \(range.upperBound)"
        case .list(let element, let rule):
            element.bounds.map { "each \($0)" }
                ?? "\(rule.count.lowerBound) to \(rule.count.upperBound) entries"
        default: nil
        }
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
