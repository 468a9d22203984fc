import Resources

/// The digest of a set of live resources, which every apply stores: equal sets have equal digests.
enum LiveDigest {
    static func of(_ desired: DesiredState) -> String {
        of(desired.resources.map { ($0.id.description, $0.digest.hex) })
    }

    /// - Parameter entries: id and digest of each resource, in any order.
    static func of(_ entries: [(id: String, digest: String)]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(entries.count * 110)
        for entry in entries.sorted(by: { $0.id < $1.id }) {
            text += entry.id.utf8
            text.append(UInt8(ascii: " "))
            text += entry.digest.utf8
            text.append(UInt8(ascii: "\n"))
        }
        return ResourceDigest(of: text).hex
    }
}
