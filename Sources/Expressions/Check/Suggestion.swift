/// "Did you mean …?"
enum Suggestion {
    /// The nearest of the names, when it is near enough to be meant.
    static func hint(for name: String, among names: [String]) -> String? {
        let allowed = max(1, name.count / 3)
        let near = names.filter { $0 != name }
            .map { (name: $0, distance: distance(Array(name.lowercased()), Array($0.lowercased()))) }
            .filter { $0.distance <= allowed }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        return near.map { "did you mean `\($0.name)`?" }
    }

    /// What a name of another language is called here.
    static func foreign(_ name: String) -> String? { foreignNames[name.lowercased()].map { "write \($0)" } }

    private static let foreignNames: [String: String] = [
        "not": "`!` for a logical not", "length": "`size()`", "len": "`size()`", "count": "`size()`",
        "touppercase": "`upperAscii()`", "upper": "`upperAscii()`", "uppercase": "`upperAscii()`",
        "tolowercase": "`lowerAscii()`", "lower": "`lowerAscii()`", "lowercase": "`lowerAscii()`",
        "includes": "`value in list`, or `text.contains(part)`", "hasprefix": "`startsWith(…)`",
        "hassuffix": "`endsWith(…)`", "any": "`exists(x, condition)`", "some": "`exists(x, condition)`",
        "every": "`all(x, condition)`", "find": "`filter(x, condition).first()`",
        "tostring": "`string(value)`",
        "isempty": "`size() == 0`",
        "coalesce": "`a.?b.orValue(c)`", "default": "`a.?b.orValue(c)`",
    ]

    /// Insertions, deletions, replacements and swaps of neighbours between two words.
    private static func distance(_ first: [Character], _ second: [Character]) -> Int {
        var rows = [Array(0...second.count)]
        for (i, left) in first.enumerated() {
            var row = [i + 1]
            for (j, right) in second.enumerated() {
                var best = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (left == right ? 0 : 1))
                if i > 0, j > 0, left == second[j - 1], first[i - 1] == right {
                    best = min(best, rows[i - 1][j - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[first.count][second.count]
    }
}
