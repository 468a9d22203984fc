extension Checker {
    // MARK: Identifiers

    mutating func checkIdentifier(_ name: Expr.Name, _ expr: Expr) -> CELType {
        if !name.isAbsolute, let slot = slot(of: name.text) {
            meanings[expr.id] = .local(slot: slot)
            return scopes[slot].type
        }
        if let type = resolve(name.text, isAbsolute: name.isAbsolute, expr) { return type }
        reportUndeclared(name.text, expr.range)
        return .error
    }

    /// The innermost local variable of that name.
    func slot(of name: String) -> Int? { scopes.lastIndex { $0.name == name } }

    /// Finds a variable or the name of a type.
    mutating func resolve(_ name: String, isAbsolute: Bool, _ expr: Expr) -> CELType? {
        for candidate in declarations.candidates(for: name, isAbsolute: isAbsolute) {
            if let type = declarations.variables[candidate],
                let index = declarations.order.firstIndex(of: candidate)
            {
                meanings[expr.id] = .variable(candidate, index: index)
                return type
            }
            if let (type, runtimeName) = Self.typeNames[candidate] {
                meanings[expr.id] = .type(runtimeName)
                return .type(type)
            }
        }
        return nil
    }

    static let typeNames: [String: (CELType, String)] = [
        "bool": (.bool, "bool"), "int": (.int, "int"), "uint": (.uint, "uint"), "double": (.double, "double"),
        "string": (.string, "string"), "bytes": (.bytes, "bytes"), "list": (.list(.dyn), "list"),
        "map": (.map(.dyn, .dyn), "map"), "null_type": (.null, "null_type"), "type": (.type(nil), "type"),
        "optional_type": (.optional(.dyn), "optional_type"),
        "google.protobuf.Timestamp": (.timestamp, "google.protobuf.Timestamp"),
        "google.protobuf.Duration": (.duration, "google.protobuf.Duration"),
    ]

    private mutating func reportUndeclared(_ name: String, _ range: Range<Int>) {
        if let withheld = declarations.withheld[name] {
            return report(withheld.code, "`\(name)` cannot be used here", range, withheld.reason)
        }
        let names = scopes.map(\.name) + declarations.order
        let functions = declarations.functions
        var hint = Suggestion.hint(for: name, among: names)
        if hint == nil, !functions.named(name, isMethod: false).isEmpty {
            hint = "`\(name)` is a function: call it with parentheses"
        }
        if hint == nil, !names.isEmpty {
            let some = names.sorted().prefix(12).map { "`\($0)`" }.joined(separator: ", ")
            hint = "there are \(some); a text is written in quotes: `'\(name)'`"
        }
        report(.undeclared, "there is no variable `\(name)`", range, hint)
    }

    // MARK: Fields

    mutating func checkSelection(_ selection: Expr.Selection, _ expr: Expr) -> CELType {
        if !selection.isTest, let name = qualifiedName(expr), name.isAbsolute || slot(of: name.root) == nil,
            let type = resolve(name.text, isAbsolute: name.isAbsolute, expr)
        {
            return type
        }
        let operand = check(selection.operand)
        if isSecrets(selection.operand), !selection.isTest, !selection.isOptional {
            return secret(named: selection.field, selection.fieldRange, expr)
        }
        if operand.containsSecret {
            refuseSecret(operand, selection.operand)
            return .error
        }
        noteOptional(selection, expr, in: operand)
        let field = fieldType(selection, of: operand)
        if selection.isTest { return .bool }
        return selection.isOptional ? .optional(field) : field.wrapped(where: operand.isOptional)
    }

    /// Keeps track of fields that may be absent, as far as they have a name to be tested by.
    private mutating func noteOptional(_ selection: Expr.Selection, _ expr: Expr, in operand: CELType) {
        guard case .record(let record) = operand, record.mayLack(selection.field), !selection.isOptional,
            let path = qualifiedName(selection.operand)
        else { return }
        let name = path.text + "." + selection.field
        if selection.isTest {
            optionalFields.guardUse(of: name)
        } else {
            optionalFields.use(name, expr.range)
        }
    }

    /// `a.b.c` as one name, where nothing but plain selections are in it.
    func qualifiedName(_ expr: Expr) -> (text: String, root: String, isAbsolute: Bool)? {
        switch expr.kind {
        case .identifier(let name): return (name.text, name.text, name.isAbsolute)
        case .select(let selection) where !selection.isTest && !selection.isOptional && !selection.isQuoted:
            guard let operand = qualifiedName(selection.operand) else { return nil }
            return (operand.text + "." + selection.field, operand.root, operand.isAbsolute)
        default: return nil
        }
    }

    /// The type of a field before it is wrapped into an optional.
    private mutating func fieldType(_ selection: Expr.Selection, of operand: CELType) -> CELType {
        switch operand {
        case .dyn, .error, .parameter: return .dyn
        case .optional(let inner), .wrapper(let inner): return fieldType(selection, of: inner)
        case .map(let key, let value):
            if !substitution.assign([.string], to: [key]) {
                report(
                    .overload, "the keys of the map are of type \(quoted(key)), not `string`",
                    selection.fieldRange)
            }
            return value
        case .record(let record): return fieldType(selection.field, selection.fieldRange, of: record)
        default:
            report(
                .unknownField, "a value of type \(quoted(operand)) has no field `\(selection.field)`",
                selection.fieldRange, Suggestion.foreign(selection.field))
            return .error
        }
    }

    mutating func fieldType(_ field: String, _ range: Range<Int>, of record: RecordType) -> CELType {
        if let type = record.type(of: field) { return type }
        if let reason = record.withheld[field] {
            report(.unavailable, "`\(record.name).\(field)` cannot be used here", range, reason)
            return .error
        }
        let names = record.fields.map(\.name)
        let all = "the fields are " + names.map { "`\($0)`" }.joined(separator: ", ")
        report(
            .unknownField, "`\(record.name)` has no field `\(field)`", range,
            Suggestion.hint(for: field, among: names) ?? (names.isEmpty ? nil : all))
        return .error
    }

    // MARK: Secrets

    /// Whether the expression is the map of secrets itself.
    func isSecrets(_ expr: Expr) -> Bool {
        guard let secrets = declarations.secrets, case .variable(let name, _) = meanings[expr.id] else {
            return false
        }
        return name == secrets.variable
    }

    mutating func secret(named name: String, _ range: Range<Int>, _ expr: Expr) -> CELType {
        if let names = declarations.secrets?.names, !names.contains(name) {
            report(
                .secret, "there is no secret `\(name)`", range,
                Suggestion.hint(for: name, among: names.sorted()))
            return .error
        }
        meanings[expr.id] = .secret(name)
        return .secret
    }
}

extension CELType {
    var isOptional: Bool {
        if case .optional = self { true } else { false }
    }

    /// What selecting from an optional yields: an optional, but no optional of an optional.
    func wrapped(where isOptional: Bool) -> CELType {
        guard isOptional, !self.isOptional else { return self }
        return .optional(self)
    }
}
