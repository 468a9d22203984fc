/// The patterns of a `.zentra-syncignore`, with the meaning that gitignore gives them (gitignore(5)): the last pattern
/// that matches decides, `!` takes back, and nothing below an ignored folder can be taken back.
package struct IgnoreRules: Sendable {
    private let patterns: [IgnorePattern]

    package init(_ text: String) {
        patterns = text.split(omittingEmptySubsequences: true) { $0.isNewline }.compactMap {
            IgnorePattern(String($0))
        }
    }

    package var isEmpty: Bool { patterns.isEmpty }

    /// Whether the file at `path` (relative to the folder of the rules, with `/`) is ignored, by itself or by a folder
    /// above it.
    package func ignores(_ path: String) -> Bool {
        guard !patterns.isEmpty else { return false }
        let components = path.utf8.split(separator: UInt8(ascii: "/")).map(Array.init)
        for depth in components.indices {
            if decides(Array(components[...depth]), isFolder: depth < components.count - 1) { return true }
        }
        return false
    }

    private func decides(_ components: [[UInt8]], isFolder: Bool) -> Bool {
        patterns.last { $0.matches(components, isFolder: isFolder) }.map { !$0.isNegated } ?? false
    }
}
