import Resources

/// The digest of a set of live resources, which every apply stores: equal sets have equal digests.
enum LiveDigest {
    /// Needs no sorting: resources are in the order of kinds, and within them of names.
    static func of(_ desired: DesiredState) -> String {
        let resources = desired.resources
        var kinds: [(name: String, range: Range<Int>)] = []
        var start = 0
        while start < resources.count {
            let kind = resources[start].id.kind
            let end = resources[start...].partition(where: { $0.id.kind != kind })
            kinds.append((kind.rawValue, start..<end))
            start = end
        }
        var text = text(for: resources.count)
        for kind in kinds.sorted(by: { $0.name < $1.name }) {
            for resource in resources[kind.range] {
                append(kind.name, resource.id.name, resource.digest.hex, to: &text)
            }
        }
        return ResourceDigest(of: text).hex
    }

    /// - Parameter entries: kind, name and digest of each resource, in any order.
    static func of(_ entries: [(kind: String, name: String, digest: String)]) -> String {
        var text = text(for: entries.count)
        for entry in entries.sorted(by: { ($0.kind, $0.name) < ($1.kind, $1.name) }) {
            append(entry.kind, entry.name, entry.digest, to: &text)
        }
        return ResourceDigest(of: text).hex
    }

    private static func text(for count: Int) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(count * 110)
        return text
    }

    private static func append(_ kind: String, _ name: String, _ digest: String, to text: inout [UInt8]) {
        text += kind.utf8
        text.append(UInt8(ascii: "/"))
        text += name.utf8
        text.append(UInt8(ascii: " "))
        text += digest.utf8
        text.append(UInt8(ascii: "\n"))
    }
}

extension ArraySlice {
    /// The first position from which on the condition holds; it holds for a suffix.
    fileprivate func partition(where condition: (Element) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
