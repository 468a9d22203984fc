internal import JSON

/// One walk over a value with its description: reports what is wrong, normalises what is right, and notes the
/// references and expressions on the way.
struct SchemaPass {
    var sink: DiagnosticSink
    private(set) var references: [ReferenceUse] = []
    private(set) var expressions: [ExpressionUse] = []
    var path = FieldPath()
    let definitions: [String: ObjectSchema]
    /// Whether what is only planned passes: for tests of descriptions that run ahead of their behaviour.
    let acceptsPlanned: Bool

    init(sink: DiagnosticSink, definitions: [String: ObjectSchema] = [:], acceptsPlanned: Bool = false) {
        self.sink = sink
        self.definitions = definitions
        self.acceptsPlanned = acceptsPlanned
    }

    func isAvailable(_ availability: Availability) -> Bool { acceptsPlanned || availability == .available }

    /// The canonical form of a value; nil after a report. `owner` is the key of the value, where missing fields show.
    mutating func normalize(_ node: Node, _ type: FieldType, owner: Span) -> JSONValue? {
        if case .invalid = node.content { return nil }
        switch type {
        case .object(let schema): return object(node, schema, owner)
        case .definition(let name): return object(node, definitions[name]!, owner)
        case .list(let element, let rule): return list(node, element, rule)
        case .map(let key, let value, let rule): return map(node, key, value, rule)
        case .tree(let scope): return tree(node, scope)
        case .nullable(let type): return node.isNull ? .null : normalize(node, type, owner: owner)
        case .union(let types): return union(node, types, owner)
        default:
            guard case .scalar(let scalar) = node.content, scalar.tag != .null else {
                return wrongType(node, type)
            }
            return self.scalar(scalar, node, type)
        }
    }

    mutating func wrongType(_ node: Node, _ type: FieldType, hint: String? = nil) -> JSONValue? {
        var hint = hint
        if hint == nil, case .scalar(let scalar) = node.content {
            if scalar.tag == .null {
                hint = "give it a value, or remove the key"
            } else if type.isText, scalar.tag != .string {
                hint = "quote it: \"\(scalar.text)\""
            }
        }
        sink.add(
            .wrongType, "`\(path.name)` must be \(type.summary), not \(node.summary)", at: node.span,
            hint: hint)
        return nil
    }

    mutating func invalid(_ node: Node, _ message: String, hint: String? = nil) -> JSONValue? {
        sink.add(.invalidValue, message, at: node.span, hint: hint)
        return nil
    }

    mutating func note(_ reference: ResourceID, _ span: Span) {
        references.append(ReferenceUse(target: reference, path: path.description, span: span))
    }

    mutating func note(_ form: ExpressionUse.Form, _ scope: ExpressionScope, _ scalar: Scalar, _ span: Span) {
        if let mark = CommentCut.find(scalar, span, sink.sources[Int(span.source)]) {
            sink.add(
                .invalidExpression, "` #` begins a comment and cuts the value of `\(path.name)` short",
                at: mark,
                source: span.source, hint: "quote the whole value")
            return
        }
        expressions.append(
            ExpressionUse(
                form: form, scope: scope, text: scalar.text, path: path.description, style: scalar.style,
                span: span))
    }
}
