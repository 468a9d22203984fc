/// The Prometheus text format, version 0.0.4
/// (<https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>).
struct MetricText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    /// Appends a family; one without series is left out.
    mutating func append(_ family: MetricFamily) {
        guard !family.samples.isEmpty else { return }
        text += "# HELP \(family.name) \(Self.escaped(family.help, quotes: false))\n"
        text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
        for sample in family.samples {
            text += family.name
            text += sample.suffix
            append(sample.labels)
            text += " "
            text += Self.number(sample.value)
            text += "\n"
        }
    }

    private mutating func append(_ labels: [MetricLabel]) {
        guard !labels.isEmpty else { return }
        var separator = "{"
        for label in labels {
            text += separator
            text += label.name
            text += "=\""
            text += Self.escaped(label.value, quotes: true)
            text += "\""
            separator = ","
        }
        text += "}"
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        guard value.isFinite else { return value < 0 ? "-Inf" : "+Inf" }
        // Beyond 2^53 a whole number is not exact any more.
        if value == value.rounded(), abs(value) < 0x1p53 { return String(Int64(value)) }
        return "\(value)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        guard text.utf8.contains(where: { $0 == 0x5C || $0 == 0x0A || $0 == 0x22 }) else { return text }
        var output = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\"" where quotes: output += "\\\""
            default: output.unicodeScalars.append(character)
            }
        }
        return output
    }
}
