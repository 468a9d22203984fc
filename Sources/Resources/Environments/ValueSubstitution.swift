/// Replaces `${values.NAME}` in the scalars of a document. A scalar that is nothing else takes the value with its type;
/// within a longer text the value becomes part of the text. `$${` stays as it is.
struct ValueSubstitution {
    let values: EnvironmentValues
    /// Whether an environment was chosen at all.
    let hasEnvironment: Bool
    /// Where the values came from that were filled in, by the place of the scalar that asked for them.
    private(set) var uses: [Span: [FieldPlace]] = [:]

    init(values: EnvironmentValues, hasEnvironment: Bool) {
        self.values = values
        self.hasEnvironment = hasEnvironment
    }

    private static let opening = "${values."

    /// Whether a file needs the walk.
    static func isUsed(in source: SourceFile) -> Bool { contains(source.bytes) }

    /// The node with its values; an undefined one is reported and leaves an invalid scalar.
    mutating func apply(to node: Node, into sink: inout DiagnosticSink) -> Node {
        var node = node
        switch node.content {
        case .invalid: break
        case .sequence(var nodes):
            for index in nodes.indices { nodes[index] = apply(to: nodes[index], into: &sink) }
            node.content = .sequence(nodes)
        case .mapping(var entries):
            for index in entries.indices {
                entries[index].value = apply(to: entries[index].value, into: &sink)
            }
            node.content = .mapping(entries)
        case .scalar(let scalar):
            guard scalar.tag == .string, Self.contains(Array(scalar.text.utf8)) else { break }
            node.content = substitute(scalar, node.span, into: &sink)
        }
        return node
    }

    private mutating func substitute(
        _ scalar: Scalar, _ span: Span, into sink: inout DiagnosticSink
    ) -> Node.Content {
        var result = ""
        var rest = Substring(scalar.text)
        while let start = Self.next(in: rest) {
            result += rest[..<start]
            let reference = rest[start...]
            guard let end = reference.firstIndex(of: "}") else {
                undefined(reference, scalar, span, &sink)
                return .invalid
            }
            let name = String(reference[..<end].dropFirst(Self.opening.count))
            guard let value = values.values[name] else {
                undefined(reference[...end], scalar, span, &sink)
                return .invalid
            }
            uses[span, default: []].append(value.place)
            rest = reference[reference.index(after: end)...]
            if result.isEmpty, rest.isEmpty, start == scalar.text.startIndex { return .scalar(value.scalar) }
            result += value.scalar.text
        }
        return .scalar(Scalar(text: result + rest, style: scalar.style, tag: .string))
    }

    /// The next opening that is not escaped.
    private static func next(in text: Substring) -> String.Index? {
        var index = text.startIndex
        var dollars = 0
        while index < text.endIndex {
            if text[index] == "$" {
                dollars += 1
                if dollars % 2 == 1, text[index...].hasPrefix(opening) { return index }
            } else {
                dollars = 0
            }
            index = text.index(after: index)
        }
        return nil
    }

    private func undefined(
        _ reference: Substring, _ scalar: Scalar, _ span: Span, _ sink: inout DiagnosticSink
    ) {
        let offset = scalar.text[..<reference.startIndex].unicodeScalars.count
        let source = sink.sources[Int(span.source)]
        let place = ScalarPositions(scalar.text, style: scalar.style, span: span, source: source)
            .span(offset: offset, length: reference.unicodeScalars.count)
        let name = reference.dropFirst(Self.opening.count).prefix { $0 != "}" }
        let hint =
            hasEnvironment
            ? Suggestion.hint(for: String(name), in: values.names) : "choose an environment with `--env`"
        sink.add(.undefinedValue, "the value `\(name)` is not defined", at: place, hint: hint)
    }

    private static func contains(_ bytes: [UInt8]) -> Bool {
        let opening = Array(Self.opening.utf8)
        return bytes.indices.contains { bytes[$0] == opening[0] && bytes[$0...].starts(with: opening) }
    }
}
