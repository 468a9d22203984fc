/// Which files of a tree hold resources: `*.yaml` and `*.yml`, without those of which a part of the path begins with `.`
/// or `_`, and without what the ignore rules name.
package struct PathFilter: Sendable {
    /// The file in the configured root that holds the rules, in gitignore syntax.
    package static let ignoreFile = ".zentra-syncignore"

    private let rules: IgnoreRules

    package init(rules: IgnoreRules = IgnoreRules("")) { self.rules = rules }

    /// - Parameter path: below the configured root, with `/`.
    package func includes(_ path: String) -> Bool {
        guard path.hasSuffix(".yaml") || path.hasSuffix(".yml"), !Self.isHidden(path) else { return false }
        return !rules.ignores(path)
    }

    /// Whether nothing below the folder can be included, so that it need not be read.
    package func excludes(folder path: String) -> Bool { Self.isHidden(path) || rules.ignores(path + "/x") }

    /// Whether what is not followed there may matter: it is named like a file that would count, or like a folder that might
    /// hold some.
    package func concerns(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        return includes(path) || !name.contains(".") && !excludes(folder: path)
    }

    private static func isHidden(_ path: String) -> Bool {
        var isStart = true
        for byte in path.utf8 {
            if isStart, byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") { return true }
            isStart = byte == UInt8(ascii: "/")
        }
        return false
    }
}
