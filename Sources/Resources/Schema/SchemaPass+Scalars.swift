internal import JSON

extension SchemaPass {
    /// - Precondition: `type` is a scalar's type, `scalar` is not null.
    mutating func scalar(_ scalar: Scalar, _ node: Node, _ type: FieldType) -> JSONValue? {
        switch type {
        case .condition(let scope): return expression(.condition, scope, scalar, node)
        case .expression(let scope, let result): return expression(.value(result), scope, scalar, node)
        case .integer(let range): return integer(scalar, node, type, range)
        case .number(let range): return number(scalar, node, type, range)
        case .bool:
            guard scalar.tag == .bool else { return wrongType(node, type, hint: booleanHint(scalar)) }
            return .bool(scalar.bool)
        case .off:
            guard scalar.tag == .bool, !scalar.bool else { return wrongType(node, type) }
            return false
        case .duration, .byteCount, .rate: return quantity(scalar, node, type)
        default:
            guard scalar.tag == .string else { return wrongType(node, type) }
            return text(scalar, node, type)
        }
    }

    private func booleanHint(_ scalar: Scalar) -> String? {
        switch scalar.text.lowercased() {
        case "yes", "on", "y": "`\(scalar.text)` is a string in YAML 1.2: write `true`"
        case "no", "off", "n": "`\(scalar.text)` is a string in YAML 1.2: write `false`"
        case "true", "false": "remove the quotes"
        default: nil
        }
    }

    // MARK: Numbers and quantities

    private mutating func integer(
        _ scalar: Scalar, _ node: Node, _ type: FieldType, _ range: ClosedRange<Int>
    ) -> JSONValue? {
        guard scalar.tag == .int else { return wrongType(node, type) }
        guard let value = scalar.int, range.contains(value) else {
            return invalid(
                node,
                "`\(path.name)` must be from \(range.lowerBound) to \(range.upperBound), not \(scalar.text)")
        }
        return .number(JSONNumber(value))
    }

    private mutating func number(
        _ scalar: Scalar, _ node: Node, _ type: FieldType, _ range: ClosedRange<Double>
    ) -> JSONValue? {
        guard scalar.tag == .int || scalar.tag == .float else { return wrongType(node, type) }
        guard let value = scalar.double, range.contains(value), let number = JSONNumber(value) else {
            return invalid(
                node,
                "`\(path.name)` must be from \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound)), not \(scalar.text)"
            )
        }
        return .number(number)
    }

    private static func text(_ value: Double) -> String { JSONNumber(value)?.text ?? "\(value)" }

    private mutating func quantity(_ scalar: Scalar, _ node: Node, _ type: FieldType) -> JSONValue? {
        guard scalar.tag == .string else {
            return wrongType(
                node, type, hint: scalar.tag == .int ? "add a unit: `\(scalar.text)\(type.exampleUnit)`" : nil
            )
        }
        switch type {
        case .duration(let range):
            guard let value = Duration(configurationText: scalar.text) else {
                return malformed(
                    scalar, node, type, hint: "units are `ms`, `s`, `m`, `h`, `d`, the largest first: `1h30m`"
                )
            }
            guard range.contains(value) else {
                return outOfRange(
                    scalar, node, range.lowerBound.configurationText, range.upperBound.configurationText)
            }
            return .string(value.configurationText)
        case .byteCount(let range):
            guard let value = ByteCount(scalar.text) else {
                return malformed(scalar, node, type, hint: "units are `B`, `KiB`, `MiB`, `GiB`")
            }
            guard range.contains(value) else {
                return outOfRange(scalar, node, "\(range.lowerBound)", "\(range.upperBound)")
            }
            return .string(value.description)
        default:
            guard let value = Rate(scalar.text) else {
                return malformed(
                    scalar, node, type, hint: "write a whole number for each `s`, `m` or `h`: `100/s`")
            }
            return .string(value.description)
        }
    }

    private mutating func malformed(_ scalar: Scalar, _ node: Node, _ type: FieldType, hint: String)
        -> JSONValue?
    {
        invalid(node, "`\(scalar.text)` is not \(type.summary)", hint: hint)
    }

    private mutating func outOfRange(_ scalar: Scalar, _ node: Node, _ low: String, _ high: String)
        -> JSONValue?
    {
        invalid(node, "`\(path.name)` must be from \(low) to \(high), not \(scalar.text)")
    }

    // MARK: Texts

    private mutating func text(_ scalar: Scalar, _ node: Node, _ type: FieldType) -> JSONValue? {
        let text = scalar.text
        switch type {
        case .string(let rule):
            guard rule.accepts(text) else {
                return invalid(
                    node, "`\(path.name)` must be \(rule.form), not `\(text)`", hint: rule.hint(text))
            }
        case .url:
            guard url(text, node) else { return nil }
        case .enumeration(let cases):
            guard choice(text, node, cases) else { return nil }
        case .template(let scope, let availability):
            guard template(scalar, node, scope, availability) else { return nil }
        case .reference(let kind):
            guard ResourceID.isName(text) else {
                return invalid(node, "`\(path.name)` must be the name of a \(kind), not `\(text)`")
            }
            note(ResourceID(kind, text), node.span)
        case .eventPattern:
            guard event(text, node, isKnown: !EventPattern(text).matchesNothing) else { return nil }
        case .eventType:
            guard event(text, node, isKnown: EventCatalog.contains(text)) else { return nil }
        default: preconditionFailure("not a scalar's type")
        }
        return .string(text)
    }

    private mutating func url(_ text: String, _ node: Node) -> Bool {
        do {
            if let warning = try TargetURL(text).policyWarning {
                sink.add(
                    .networkPolicy, warning.message, at: node.span, hint: warning.hint, severity: .warning)
            }
            return true
        } catch {
            sink.add(
                .invalidValue, "`\(path.name)` \(error.message)", at: node.span, hint: error.hint,
                isSensitive: text.contains("@"))
            return false
        }
    }

    private mutating func choice(_ text: String, _ node: Node, _ cases: [EnumCase]) -> Bool {
        guard let match = cases.first(where: { $0.name == text }) else {
            let names = cases.filter { $0.availability == .available }.map(\.name)
            let hint = Suggestion.hint(for: text, in: names) ?? "one of \(quoted(names, "or"))"
            sink.add(.invalidValue, "`\(path.name)` cannot be `\(text)`", at: node.span, hint: hint)
            return false
        }
        guard isAvailable(match.availability) else {
            sink.add(.unsupported, "`\(path.name): \(text)` is not supported by this version", at: node.span)
            return false
        }
        return true
    }

    private mutating func event(_ text: String, _ node: Node, isKnown: Bool) -> Bool {
        guard !isKnown else { return true }
        let message =
            text.contains("*")
            ? "the pattern `\(text)` matches nothing in the event catalogue"
            : "`\(text)` is not in the event catalogue"
        sink.add(
            .unknownEvent, message, at: node.span,
            hint: EventCatalog.suggestion(for: text).map { "did you mean `\($0)`?" })
        return false
    }

    // MARK: Expressions

    private mutating func template(
        _ scalar: Scalar, _ node: Node, _ scope: ExpressionScope, _ availability: Availability
    ) -> Bool {
        // Headers and addresses are lines of a request.
        if scope.isLine, scalar.text.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D || $0 == 0 }) {
            let hint =
                scalar.style == .literal || scalar.style == .folded
                ? "write `|-` or `>-` to drop the last line break" : nil
            return invalid(node, "`\(path.name)` must not hold a line break", hint: hint) != nil
        }
        guard TemplateText.holdsExpression(scalar.text) else {
            return scope == .workflowURL ? url(scalar.text, node) : true
        }
        guard isAvailable(availability) else {
            sink.add(
                .unsupported, "expressions in `\(path.name)` are not supported by this version", at: node.span
            )
            return false
        }
        note(.template, scope, scalar, node.span)
        return true
    }

    /// Bare CEL; YAML reads `true` and `5` as other types, which are expressions all the same.
    private mutating func expression(
        _ form: ExpressionUse.Form, _ scope: ExpressionScope, _ scalar: Scalar, _ node: Node
    ) -> JSONValue? {
        let text = scalar.text.trimmingASCIIWhitespace
        guard !text.isEmpty else { return invalid(node, "`\(path.name)` must not be empty") }
        note(form, scope, scalar, node.span)
        return .string(text)
    }
}

extension String {
    /// Without spaces, tabs and line breaks at both ends.
    var trimmingASCIIWhitespace: String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        let start = utf8.firstIndex { !isSpace($0) } ?? utf8.endIndex
        let end = utf8.lastIndex { !isSpace($0) }.map(utf8.index(after:)) ?? start
        return start == utf8.startIndex && end == utf8.endIndex ? self : String(self[start..<end])
    }
}
