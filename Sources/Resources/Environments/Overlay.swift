/// Documents that are merged over those of the base with the same kind and name.
struct Overlay: Sendable {
    /// What a document is about, as far as it says so.
    struct Key: Hashable {
        let kind: String
        let name: String

        init?(_ root: Node) {
            guard let kind = root["kind"]?.string, let name = root["metadata"]?["name"]?.string else {
                return nil
            }
            self.kind = kind
            self.name = name
        }
    }

    private(set) var documents: [Key: Node] = [:]
    private var used: Set<Key> = []

    /// False when there is one for the same resource already.
    mutating func insert(_ root: Node, _ key: Key) -> Bool {
        guard documents[key] == nil else { return false }
        documents[key] = root
        return true
    }

    /// The document with the overlay's `metadata` and `spec` merged over its own; each node keeps its own position.
    /// nil when there is no overlay for it.
    mutating func merged(_ base: Node) -> LayeredDocument? {
        guard let key = Key(base), let overlay = documents[key], case .mapping(var entries) = base.content,
            case .mapping(let patches) = overlay.content
        else { return nil }
        used.insert(key)
        var removals: [LayeredDocument.Removal] = []
        for patch in patches {
            guard let position = entries.firstIndex(where: { $0.key == patch.key }) else {
                entries.append(patch)
                continue
            }
            if patch.key == "metadata" || patch.key == "spec" {
                entries[position].value = Self.merge(
                    entries[position].value, patch.value, at: patch.key, &removals)
            }
        }
        var result = base
        result.content = .mapping(entries)
        return LayeredDocument(root: result, removals: removals)
    }

    /// Takes over which of the documents another copy has used.
    mutating func use(_ other: Overlay) { used.formUnion(other.used) }

    /// The documents that had nothing below them: resources of the environment alone.
    var unused: [Node] { documents.filter { !used.contains($0.key) }.map(\.value) }

    /// JSON merge patch (RFC 7396): mappings are merged, null removes, everything else replaces.
    private static func merge(
        _ target: Node?, _ patch: Node, at path: String, _ removals: inout [LayeredDocument.Removal]
    ) -> Node {
        guard case .mapping(let patches) = patch.content else { return patch }
        var entries: [Node.Entry] = []
        if case .mapping(let own) = target?.content { entries = own }
        for patch in patches {
            let position = entries.firstIndex { $0.key == patch.key }
            let path = MemberPath.appending(patch.key, to: path)
            if patch.value.isNull {
                guard let position else { continue }
                entries.remove(at: position)
                removals.append(LayeredDocument.Removal(path: path, span: patch.value.span))
            } else if let position {
                entries[position].value = merge(entries[position].value, patch.value, at: path, &removals)
            } else {
                var entry = patch
                entry.value = merge(nil, patch.value, at: path, &removals)
                entries.append(entry)
            }
        }
        var result = target ?? patch
        result.content = .mapping(entries)
        return result
    }
}
