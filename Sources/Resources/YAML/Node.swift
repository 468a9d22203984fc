/// A YAML value with its place in the file. Aliases are expanded: the nodes of an anchor are shared, and keep the
/// position of the anchor.
package struct Node: Sendable {
    package enum Content: Sendable {
        case scalar(Scalar)
        case sequence([Node])
        case mapping([Entry])
        /// Something that was already reported; nothing more is said about it.
        case invalid
    }

    /// A member of a mapping; keys are strings, and each appears once.
    package struct Entry: Sendable {
        package let key: String
        package let keySpan: Span
        package var value: Node
    }

    package var content: Content
    package let span: Span
}

/// A place in the text of a file.
package struct Mark: Sendable, Hashable, Comparable {
    /// From 1.
    package let line: Int32
    /// From 1, in Unicode scalars.
    package let column: Int32

    package static func < (left: Mark, right: Mark) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// From the first character to the one behind the last.
package struct Span: Sendable, Hashable {
    package let start: Mark
    package let end: Mark
    /// Which of the files that were merged into a document: an index into ``DiagnosticSink/sources``.
    package let source: Int32
}

/// A YAML scalar, resolved by the core schema of YAML 1.2.
package struct Scalar: Sendable {
    package enum Style: Sendable {
        case plain, singleQuoted, doubleQuoted, literal, folded
    }

    package enum Tag: Sendable {
        case null, bool, int, float, string
    }

    package let text: String
    package let style: Style
    package let tag: Tag
}

extension Node {
    /// How a message calls the node: `a string`, `the number 8.0`, `a list` …
    var summary: String {
        switch content {
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .invalid: "nothing usable"
        case .scalar(let scalar):
            switch scalar.tag {
            case .null: "nothing"
            case .bool: "the boolean `\(scalar.text)`"
            case .int, .float: "the number `\(scalar.text)`"
            case .string: "a string"
            }
        }
    }

    /// The value of a mapping's key.
    package subscript(key: String) -> Node? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// The text when the node is a string.
    package var string: String? {
        guard case .scalar(let scalar) = content, scalar.tag == .string else { return nil }
        return scalar.text
    }

    /// The value when the node is a boolean.
    var bool: Bool? {
        guard case .scalar(let scalar) = content, scalar.tag == .bool else { return nil }
        return scalar.bool
    }

    var isNull: Bool {
        guard case .scalar(let scalar) = content else { return false }
        return scalar.tag == .null
    }
}
