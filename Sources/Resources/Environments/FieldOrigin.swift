/// Where a value of a resource was written, when that is not the document of the base itself.
package struct FieldOrigin: Sendable, Hashable {
    /// As ``MemberPath`` writes it; of the whole list for elements of a list.
    package let path: String
    package let place: FieldPlace
    /// Whether an overlay took the value away.
    package let isRemoval: Bool

    init(path: String, place: FieldPlace, isRemoval: Bool = false) {
        self.path = path
        self.place = place
        self.isRemoval = isRemoval
    }
}

extension FieldOrigin {
    /// The origins of all values of a document that came from an overlay or an environment's values, each once, and of
    /// those that an overlay took away.
    ///
    /// - Parameter values: what was filled in, by the place of the scalar that asked for it.
    static func all(
        of document: LayeredDocument, sources: [SourceFile], values: [Span: [FieldPlace]]
    ) -> [FieldOrigin] {
        guard sources.count > 1 || !values.isEmpty else { return [] }
        let root = document.root
        var walk = Walk(home: root.span.source, sources: sources, values: values)
        for part in ["metadata", "spec"] {
            if let node = root[part] { walk.collect(node, at: part) }
        }
        return walk.origins
            + document.removals.map {
                FieldOrigin(path: $0.path, place: walk.place(of: $0.span), isRemoval: true)
            }
    }

    private struct Walk {
        let home: Int32
        let sources: [SourceFile]
        let values: [Span: [FieldPlace]]
        var origins: [FieldOrigin] = []
        private var seen: Set<FieldOrigin> = []

        init(home: Int32, sources: [SourceFile], values: [Span: [FieldPlace]]) {
            self.home = home
            self.sources = sources
            self.values = values
        }

        mutating func collect(_ node: Node, at path: String) {
            switch node.content {
            case .mapping(let entries):
                for entry in entries { collect(entry.value, at: MemberPath.appending(entry.key, to: path)) }
            case .sequence(let nodes):
                if nodes.isEmpty || node.span.source != home { addPlace(of: node, at: path) }
                for node in nodes { collectElement(node, at: path) }
            case .scalar, .invalid: addScalar(node, at: path)
            }
        }

        /// Elements have no names that stay: what is in them counts for the list.
        private mutating func collectElement(_ node: Node, at path: String) {
            switch node.content {
            case .mapping(let entries): for entry in entries { collectElement(entry.value, at: path) }
            case .sequence(let nodes): for node in nodes { collectElement(node, at: path) }
            case .scalar, .invalid: addScalar(node, at: path)
            }
        }

        private mutating func addScalar(_ node: Node, at path: String) {
            if let places = values[node.span] {
                for place in places { add(FieldOrigin(path: path, place: place)) }
            } else {
                addPlace(of: node, at: path)
            }
        }

        private mutating func addPlace(of node: Node, at path: String) {
            guard node.span.source != home else { return }
            add(FieldOrigin(path: path, place: place(of: node.span)))
        }

        func place(of span: Span) -> FieldPlace {
            FieldPlace(file: sources[Int(span.source)].path, line: Int(span.start.line))
        }

        private mutating func add(_ origin: FieldOrigin) {
            // An overlay has to repeat the name; it is the same one.
            guard origin.path != "metadata.name" else { return }
            if seen.insert(origin).inserted { origins.append(origin) }
        }
    }
}
