/// Reads the Prometheus text format, and refuses what Prometheus or `promtool check metrics` would.
struct PrometheusText {
    struct Violation: Error, CustomStringConvertible {
        let description: String
    }

    struct Family {
        let type: String
        let help: String
        /// By their names and labels as they were written.
        var samples: [String: Double] = [:]
    }

    private(set) var families: [String: Family] = [:]
    private var current = ""
    private var pendingHelp: (name: String, text: String)?

    init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw Violation(description: "the last line has no end") }
        for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("# HELP ") {
                try help(line.dropFirst(7))
            } else if line.hasPrefix("# TYPE ") {
                try type(line.dropFirst(7))
            } else {
                try sample(line)
            }
        }
        for (name, family) in families where family.type == "histogram" { try checkHistogram(name, family) }
    }

    /// The value of a series; nil when it is absent.
    subscript(_ series: String) -> Double? {
        let name = series.prefix { $0 != "{" }
        for suffix in ["", "_bucket", "_sum", "_count"] where name.hasSuffix(suffix) {
            if let value = families[String(name.dropLast(suffix.count))]?.samples[series] { return value }
        }
        return nil
    }

    private mutating func help(_ line: Substring) throws {
        let parts = line.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, !parts[1].isEmpty else { throw Violation(description: "no help: \(line)") }
        pendingHelp = (String(parts[0]), String(parts[1]))
    }

    private mutating func type(_ line: Substring) throws {
        let parts = line.split(separator: " ").map(String.init)
        guard parts.count == 2, ["counter", "gauge", "histogram", "summary"].contains(parts[1]) else {
            throw Violation(description: "not a type: \(line)")
        }
        guard let pendingHelp, pendingHelp.name == parts[0] else {
            throw Violation(description: "`\(parts[0])` has no help in front of its type")
        }
        guard families[parts[0]] == nil else { throw Violation(description: "`\(parts[0])` comes twice") }
        guard (parts[1] == "counter") == parts[0].hasSuffix("_total") else {
            throw Violation(description: "`\(parts[0])` is a \(parts[1])")
        }
        families[parts[0]] = Family(type: parts[1], help: pendingHelp.text)
        current = parts[0]
    }

    private mutating func sample(_ line: Substring) throws {
        guard let space = line.lastIndex(of: " ") else { throw Violation(description: "no value: \(line)") }
        let (series, text) = (String(line[..<space]), line[line.index(after: space)...])
        let special: [Substring: Double] = ["+Inf": .infinity, "-Inf": -.infinity, "NaN": .nan]
        guard let value = special[text] ?? Double(text) else {
            throw Violation(description: "not a number: \(line)")
        }
        let name = String(series.prefix { $0 != "{" })
        let rest = name.dropFirst(current.count)
        let suffixes =
            switch families[current]?.type {
            case "histogram": ["_bucket", "_sum", "_count"]
            case "summary": ["", "_sum", "_count"]
            default: [""]
            }
        guard name.hasPrefix(current), suffixes.contains(String(rest)) else {
            throw Violation(description: "`\(name)` is not of the family `\(current)`")
        }
        try checkLabels(series.dropFirst(name.count), line)
        guard families[current]?.samples.updateValue(value, forKey: series) == nil else {
            throw Violation(description: "the series `\(series)` comes twice")
        }
    }

    private func checkLabels(_ text: Substring, _ line: Substring) throws {
        guard !text.isEmpty else { return }
        guard
            text.wholeMatch(of: /\{[a-z_]+="([^"\\\n]|\\["\\n])*"(,[a-z_]+="([^"\\\n]|\\["\\n])*")*\}/) != nil
        else { throw Violation(description: "not labels: \(line)") }
    }

    /// Buckets rise, and the last one holds everything. Our histograms have no other labels.
    private func checkHistogram(_ name: String, _ family: Family) throws {
        let buckets = family.samples.compactMap { series, count -> (Double, Double)? in
            guard let match = series.firstMatch(of: /le="([^"]+)"/) else { return nil }
            return (match.1 == "+Inf" ? .infinity : Double(match.1) ?? .nan, count)
        }.sorted { $0.0 < $1.0 }
        let isRising = zip(buckets, buckets.dropFirst()).allSatisfy { $0.1 <= $1.1 }
        guard isRising, buckets.last?.0 == .infinity, buckets.last?.1 == family.samples[name + "_count"]
        else {
            throw Violation(description: "the buckets of `\(name)` do not add up")
        }
    }
}
