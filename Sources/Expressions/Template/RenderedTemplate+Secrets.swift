package import JSON

extension RenderedTemplate {
    /// The leaves of ``json`` in whose place a text with secrets belongs, in the order of the tree.
    package var secretLeaves: [(path: TemplatePath, text: SecretText)] {
        var leaves: [(path: TemplatePath, text: SecretText)] = []
        root?.collectLeaves(TemplatePath(), &leaves)
        return leaves
    }
}

extension RenderedTemplate.Part {
    fileprivate func collectLeaves(
        _ path: TemplatePath, _ leaves: inout [(path: TemplatePath, text: SecretText)]
    ) {
        switch self {
        case .json: break
        case .secret(let text): leaves.append((path, text))
        case .array(let parts):
            for (index, part) in parts.enumerated() {
                part.collectLeaves(path.appending(.index(index)), &leaves)
            }
        case .object(let parts):
            for (key, part) in parts { part.collectLeaves(path.appending(.key(key)), &leaves) }
        }
    }
}

extension JSONValue {
    /// The value with another one at a place; unchanged when there is no such place.
    package func replacing(_ path: some Collection<TemplatePath.Step>, with value: JSONValue) -> JSONValue {
        guard let step = path.first else { return value }
        switch (self, step) {
        case (.object(var members), .key(let key)):
            guard let member = members[key] else { return self }
            members[key] = member.replacing(path.dropFirst(), with: value)
            return .object(members)
        case (.array(var elements), .index(let index)) where elements.indices.contains(index):
            elements[index] = elements[index].replacing(path.dropFirst(), with: value)
            return .array(elements)
        default: return self
        }
    }
}
