/// A folder inside a repository; the root has no components.
package struct RepositoryPath: Sendable, Hashable, CustomStringConvertible {
    package let components: [String]

    package static let root = RepositoryPath(components: [])

    private init(components: [String]) { self.components = components }

    /// `.` components and repeated slashes are dropped; an absolute path or `..` is refused.
    package init(_ text: String) throws(GitError) {
        guard !text.hasPrefix("/") else {
            throw GitError(
                .invalidOption, "invalid path `\(text.printable)`: it is absolute",
                hint: "the path is relative to the root of the repository")
        }
        components = text.split(separator: "/").map(String.init).filter { $0 != "." }
        if let bad = components.first(where: { !EntryName.isSafe($0) }) {
            throw GitError(
                .invalidOption, "invalid path `\(text.printable)`: `\(bad.printable)` cannot be part of it")
        }
    }

    package var description: String { components.isEmpty ? "." : components.joined(separator: "/") }
}
