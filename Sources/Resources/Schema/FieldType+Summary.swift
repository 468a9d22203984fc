extension FieldType {
    /// What messages call the type: "`timeout` must be …".
    var summary: String {
        switch self {
        case .string(let rule): rule.form == StringRule.any.form ? "a string" : "a string: \(rule.form)"
        case .url: "a URL"
        case .integer: "an integer"
        case .number: "a number"
        case .bool: "`true` or `false`"
        case .off: "`false`"
        case .enumeration(let cases): quoted(cases.filter { $0.availability == .available }.map(\.name), "or")
        case .duration: "a duration such as `30s`"
        case .byteCount: "a size such as `16KiB`"
        case .rate: "a rate such as `100/s`"
        case .condition: "a CEL condition"
        case .expression: "a CEL expression"
        case .template: "a string"
        case .tree: "a payload"
        case .reference(let kind): "the name of a \(kind)"
        case .eventPattern: "an event type or pattern"
        case .eventType: "an event type"
        case .list: "a list"
        case .map, .object, .definition: "a mapping"
        case .nullable(let type): "\(type.summary) or null"
        case .union(let types): types.map(\.summary).joined(separator: " or ")
        }
    }

    /// Whether any text would have the right type, so that quoting helps.
    var isText: Bool {
        switch self {
        case .string, .url, .enumeration, .template, .reference, .eventPattern, .eventType: true
        case .nullable(let type): type.isText
        default: false
        }
    }

    /// What a number without a unit most likely lacks.
    var exampleUnit: String {
        switch self {
        case .duration: "s"
        case .byteCount: "KiB"
        default: "/s"
        }
    }

    /// Whether the node has the form of the type, so that a union can choose.
    func fits(_ node: Node) -> Bool {
        switch (self, node.content) {
        case (.tree, _): true
        case (.object, .mapping), (.definition, .mapping), (.map, .mapping), (.list, .sequence): true
        case (.object, _), (.definition, _), (.map, _), (.list, _): false
        case (.off, .scalar(let scalar)), (.bool, .scalar(let scalar)): scalar.tag == .bool
        case (.nullable(let type), _): node.isNull || type.fits(node)
        case (.union(let types), _): types.contains { $0.fits(node) }
        case (_, .scalar(let scalar)): scalar.tag != .null && scalar.tag != .bool
        default: false
        }
    }
}
