/// Where a value of a resource was written, when that is not the document of the base itself.
package struct FieldOrigin: Sendable, Hashable {
    /// As ``MemberPath`` writes it; of the whole list for elements of a list.
    package let path: String
    /// For example `env/prod/erp.yaml:3`, or `env/prod/values.yaml:1 (values.region)`.
    package let place: String

    package init(path: String, place: String) {
        self.path = path
        self.place = place
    }
}

extension FieldOrigin {
    /// The origins of all values of a document that came from an overlay or an environment's values, each once.
    ///
    /// - Parameter values: what was filled in, by the place of the scalar that asked for it.
    static func all(
        of root: Node, sources: [SourceFile], values: [Span: [String]]
    ) -> [FieldOrigin] {
        guard sources.count > 1 || !values.isEmpty else { return [] }
        var walk = Walk(home: root.span.source, sources: sources, values: values)
        for part in ["metadata", "spec"] {
            if let node = root[part] { walk.collect(node, at: part) }
        }
        return walk.origins
    }

    private struct Walk {
        let home: Int32
        let sources: [SourceFile]
        let values: [Span: [String]]
        var origins: [FieldOrigin] = []
        private var seen: Set<FieldOrigin> = []

        init(home: Int32, sources: [SourceFile], values: [Span: [String]]) {
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
            let file = sources[Int(node.span.source)].path
            add(FieldOrigin(path: path, place: "\(file):\(node.span.start.line)"))
        }

        private mutating func add(_ origin: FieldOrigin) {
            // An overlay has to repeat the name; it is the same one.
            guard origin.path != "metadata.name" else { return }
            if seen.insert(origin).inserted { origins.append(origin) }
        }
    }
}
