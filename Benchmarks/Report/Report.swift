import Glibc
import JSON

/// Prints figures as they come and keeps them for the JSON.
struct Report {
    private var subject = ""
    private var measurements: [(subject: String, Measurement)] = []

    mutating func begin(_ subject: String) {
        self.subject = subject
        write((measurements.isEmpty ? "" : "\n") + subject)
    }

    mutating func add(_ measurement: Measurement) {
        measurements.append((subject, measurement))
        write(Self.line(measurement))
    }

    /// Past the buffer of `print`, so that a figure is seen when it is there, also through a pipe.
    private func write(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = Glibc.write(STDOUT_FILENO, bytes, bytes.count)
    }

    private static func line(_ measurement: Measurement) -> String {
        let name = measurement.name
        let value = measurement.value.rounded(to: measurement.value < 100 ? 3 : 0)
        let padding = String(repeating: " ", count: max(1, 72 - name.count - value.count))
        return "  \(name)\(padding)\(value) \(measurement.unit)   \(measurement.remark)"
    }

    func write(json path: String) throws {
        let items = measurements.map { subject, measurement -> JSONValue in
            [
                "subject": .string(subject), "name": .string(measurement.name),
                "value": Self.number(measurement.value), "unit": .string(measurement.unit),
                "ratio": measurement.ratio.map(Self.number) ?? .null, "limit": .string(measurement.remark),
            ]
        }
        let text = JSONValue.array(items).prettyText + "\n"
        guard let file = fopen(path, "w") else { throw BenchmarkFailure("cannot write \(path)") }
        defer { fclose(file) }
        guard fputs(text, file) >= 0 else { throw BenchmarkFailure("cannot write \(path)") }
    }

    private static func number(_ value: Double) -> JSONValue {
        JSONNumber((value * 10_000).rounded() / 10_000).map(JSONValue.number) ?? .null
    }
}
