internal import JSON

extension SchemaPass {
    mutating func object(_ node: Node, _ schema: ObjectSchema, _ owner: Span) -> JSONValue? {
        guard case .mapping(let entries) = node.content else { return wrongType(node, .object(schema)) }
        var members = JSONObject()
        var isValid = true
        for entry in entries {
            guard let field = field(entry, schema) else {
                isValid = false
                continue
            }
            path.append(field.name)
            if let value = normalize(entry.value, field.type, owner: entry.keySpan) {
                members.append(field.name, value)
            } else {
                isValid = false
            }
            path.removeLast()
        }
        for name in schema.required where !entries.contains(where: { $0.key == name }) {
            sink.add(.missingField, "`\(name)` is missing in `\(path.name)`", at: owner)
            isValid = false
        }
        for rule in schema.rules where !check(rule, entries, schema, owner) { isValid = false }
        return isValid ? .object(members.sorted) : nil
    }

    /// The description of an entry; nil after a report.
    private mutating func field(_ entry: Node.Entry, _ schema: ObjectSchema) -> Field? {
        guard let field = schema.field(entry.key) else {
            let known = schema.fields.map(\.name)
            let hint =
                schema.synonyms[entry.key] ?? Suggestion.hint(for: entry.key, in: known)
                ?? "known fields: \(known.map { "`\($0)`" }.joined(separator: ", "))"
            sink.add(
                .unknownField, "`\(path.name)` has no field `\(entry.key)`", at: entry.keySpan, hint: hint)
            return nil
        }
        guard isAvailable(field.availability) else {
            sink.add(
                .unsupported, "the field `\(field.name)` is not supported by this version", at: entry.keySpan)
            return nil
        }
        return field
    }

    private mutating func check(
        _ rule: FieldRule, _ entries: [Node.Entry], _ schema: ObjectSchema, _ owner: Span
    ) -> Bool {
        func written(_ names: [String]) -> [Node.Entry] { entries.filter { names.contains($0.key) } }
        func holds(_ other: String, _ values: [String]) -> Bool {
            guard let entry = entries.first(where: { $0.key == other }) else {
                return schema.field(other)?.defaultValue?.string.map(values.contains) ?? false
            }
            return entry.value.string.map(values.contains) ?? false
        }
        switch rule {
        case .exactlyOne(let names):
            let found = written(names)
            if found.isEmpty {
                let choice = available(names, schema)
                sink.add(.missingField, "\(choice) is missing in `\(path.name)`", at: owner)
            }
            return conflict(found) && !found.isEmpty
        case .atMostOne(let names): return conflict(written(names))
        case .together(let names):
            let found = written(names)
            guard !found.isEmpty, found.count < names.count else { return true }
            let missing = names.filter { name in !found.contains { $0.key == name } }
            sink.add(.missingField, "`\(found[0].key)` needs \(quoted(missing, "and"))", at: found[0].keySpan)
            return false
        case .needs(let name, let other):
            guard let entry = written([name]).first, written([other]).isEmpty else { return true }
            sink.add(.missingField, "`\(name)` needs `\(other)`", at: entry.keySpan)
            return false
        case .onlyWith(let name, let other, let values):
            guard let entry = written([name]).first, !holds(other, values) else { return true }
            sink.add(.conflictingFields, "`\(name)` needs `\(other): \(values[0])`", at: entry.keySpan)
            return false
        case .requiredWith(let name, let other, let values):
            guard written([name]).isEmpty, holds(other, values) else { return true }
            let place = written([other]).first?.keySpan ?? owner
            sink.add(.missingField, "`\(other): \(values[0])` needs `\(name)`", at: place)
            return false
        }
    }

    private func available(_ names: [String], _ schema: ObjectSchema) -> String {
        quoted(names.filter { schema.field($0)?.availability == .available }, "or")
    }

    private mutating func conflict(_ entries: [Node.Entry]) -> Bool {
        guard entries.count > 1 else { return true }
        sink.add(
            .conflictingFields, "only one of \(quoted(entries.map(\.key), "and")) can be given",
            at: entries[1].keySpan)
        return false
    }

    mutating func list(_ node: Node, _ element: FieldType, _ rule: ListRule) -> JSONValue? {
        guard case .sequence(let nodes) = node.content else {
            return wrongType(node, .list(element, rule), hint: node.string.map { "write a list: [\($0)]" })
        }
        guard rule.count.contains(nodes.count) else {
            return invalid(
                node,
                nodes.isEmpty
                    ? "`\(path.name)` must not be empty"
                    : "`\(path.name)` must have at most \(rule.count.upperBound) entries, not \(nodes.count)")
        }
        var values: [JSONValue] = []
        for (index, item) in nodes.enumerated() {
            path.append(index)
            if let value = normalize(item, element, owner: item.span) {
                if rule.isSet, values.contains(value) {
                    sink.add(.invalidValue, "\(value) appears twice in `\(path.name)`", at: item.span)
                } else {
                    values.append(value)
                    if let reason = value.int.flatMap({ rule.idle[$0] }) {
                        sink.add(
                            .noEffect, "\(value) has no effect in `\(path.name)`: \(reason)", at: item.span,
                            severity: .warning)
                    }
                }
            }
            path.removeLast()
        }
        guard values.count == nodes.count else { return nil }
        if rule.isSet { values.sort { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) } }
        return .array(values)
    }

    mutating func map(_ node: Node, _ key: StringRule, _ value: FieldType, _ rule: MapRule) -> JSONValue? {
        guard case .mapping(let entries) = node.content else {
            return wrongType(node, .map(key: key, value: value, rule))
        }
        guard rule.count.contains(entries.count) else {
            return invalid(
                node,
                "`\(path.name)` must have at most \(rule.count.upperBound) entries, not \(entries.count)")
        }
        var members = JSONObject()
        var seen: Set<String> = []
        for entry in entries {
            guard key.accepts(entry.key) else {
                sink.add(
                    .invalidName, "`\(entry.key)` is not \(key.form)", at: entry.keySpan,
                    hint: key.hint(entry.key))
                continue
            }
            if rule.ignoresCase, !seen.insert(entry.key.lowercased()).inserted {
                sink.add(.duplicateKey, "`\(entry.key)` appears twice, in another case", at: entry.keySpan)
                continue
            }
            path.append(entry.key)
            if let value = normalize(entry.value, value, owner: entry.keySpan) {
                members.append(entry.key, value)
            }
            path.removeLast()
        }
        guard members.count == entries.count else { return nil }
        return .object(rule.keepsOrder ? members : members.sorted)
    }

    mutating func union(_ node: Node, _ types: [FieldType], _ owner: Span) -> JSONValue? {
        guard let type = types.first(where: { $0.fits(node) }) else { return wrongType(node, .union(types)) }
        return normalize(node, type, owner: owner)
    }

    /// A payload: keys keep their order, numbers their digits.
    mutating func tree(_ node: Node, _ scope: ExpressionScope?) -> JSONValue? {
        switch node.content {
        case .invalid: return nil
        case .scalar(let scalar): return leaf(scalar, node, scope)
        case .sequence(let nodes):
            var values: [JSONValue] = []
            for (index, item) in nodes.enumerated() {
                path.append(index)
                if let value = tree(item, scope) { values.append(value) }
                path.removeLast()
            }
            return values.count == nodes.count ? .array(values) : nil
        case .mapping(let entries):
            var members = JSONObject()
            for entry in entries {
                if scope != nil { checkKey(entry) }
                path.append(entry.key)
                if let value = tree(entry.value, scope) { members.append(entry.key, value) }
                path.removeLast()
            }
            return members.count == entries.count ? .object(members) : nil
        }
    }

    /// Keys are sent as they are; one that holds `${` is a mistake, most often an unquoted `${a ? b : c}`.
    private mutating func checkKey(_ entry: Node.Entry) {
        guard TemplateText.holdsExpression(entry.key) else { return }
        let isCut = !entry.key.contains("}")
        sink.add(
            .invalidExpression,
            isCut
                ? "`: ` inside an unquoted value made a mapping of it"
                : "a key takes no `${ }`, only values do",
            at: entry.keySpan, hint: isCut ? "always quote a value with `${…}`: \"${…}\"" : nil)
    }

    private mutating func leaf(_ scalar: Scalar, _ node: Node, _ scope: ExpressionScope?) -> JSONValue? {
        switch scalar.tag {
        case .null: return .null
        case .bool: return .bool(scalar.bool)
        case .int, .float:
            guard let number = scalar.number else {
                return invalid(
                    node, "`\(scalar.text)` has no JSON form", hint: "quote it to send it as a text")
            }
            return .number(number)
        case .string:
            if let scope, TemplateText.holdsExpression(scalar.text) {
                note(.template, scope, scalar, node.span)
            }
            return .string(scalar.text)
        }
    }
}

/// `a`, `b` or `c`
func quoted(_ names: [String], _ conjunction: String) -> String {
    let quoted = names.map { "`\($0)`" }
    guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
    return "\(quoted.dropLast().joined(separator: ", ")) \(conjunction) \(last)"
}
