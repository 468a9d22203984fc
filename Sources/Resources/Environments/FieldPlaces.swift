/// Where the values of one resource were written.
///
/// Resources do not keep the places of their fields: few are ever asked for, so the document is read again then.
package struct FieldPlaces: Sendable {
    private let origins: [FieldOrigin]
    private let file: String
    private let document: Node?

    init(_ origins: [FieldOrigin], in source: SourceFile?, line: Int?) {
        self.origins = origins
        file = source?.path ?? ""
        guard let source, let line else {
            document = nil
            return
        }
        document = YAMLReader.document(of: source, atLine: line)
    }

    /// What an environment has brought to a field, or taken from it: an overlay, or its values; empty otherwise.
    package func environment(of location: FieldLocation) -> [FieldPlace] {
        origins.filter {
            MemberPath.contains($0.path, location.text) || MemberPath.contains(location.text, $0.path)
        }.map(\.place)
    }

    /// Where the document itself has the field; of one that it has not, what it would be in. nil when the document
    /// cannot be had, because it was read from the live state.
    package func place(of location: FieldLocation) -> FieldPlace? {
        guard var node = document else { return nil }
        var line = node.span.start.line
        for step in location.steps {
            guard let (next, start) = node.child(step) else { break }
            (node, line) = (next, start.line)
        }
        return FieldPlace(file: file, line: Int(line))
    }
}

extension Node {
    /// A member or an element, and where it begins.
    fileprivate func child(_ step: FieldLocation.Step) -> (node: Node, start: Mark)? {
        switch (step, content) {
        case (.key(let key), .mapping(let entries)):
            entries.first { $0.key == key }.map { ($0.value, $0.keySpan.start) }
        case (.named(let name), .sequence(let nodes)):
            nodes.first { ($0["id"] ?? $0["name"])?.string == name }.map { ($0, $0.span.start) }
        case (.index(let index), .sequence(let nodes)):
            nodes.indices.contains(index) ? (nodes[index], nodes[index].span.start) : nil
        default: nil
        }
    }
}
