import Glibc
import JSON
import Logging
import Store

/// Log lines on standard error: one line each, for people or as JSON.
struct LineLogHandler: LogHandler {
    enum Form: String, CaseIterable, Sendable {
        case text, json
    }

    let label: String
    let form: Form
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(label: String, form: Form, level: Logger.Level) {
        self.label = label
        self.form = form
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let line = form == .json ? json(event, all) : text(event, all)
        // One write, so that lines of different threads do not mix.
        _ = line.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private func json(_ event: LogEvent, _ metadata: [(key: String, value: Logger.MetadataValue)]) -> [UInt8]
    {
        var members: JSONObject = [
            "time": .string(UnixTime.now().description), "level": .string(event.level.rawValue),
            "message": .string(event.message.description),
        ]
        for (key, value) in metadata { members[key] = .string("\(value)") }
        return JSONValue.object(members).utf8 + [0x0A]
    }

    private func text(_ event: LogEvent, _ metadata: [(key: String, value: Logger.MetadataValue)]) -> [UInt8]
    {
        let level =
            event.level.rawValue + String(repeating: " ", count: max(0, 7 - event.level.rawValue.count))
        let pairs = metadata.map { " \($0)=\(quoted("\($1)"))" }.joined()
        return Array("\(UnixTime.now()) \(level) \(event.message)\(pairs)\n".utf8)
    }

    /// A value with spaces, quotes or control characters is written as a JSON string, so that a line stays a line.
    private func quoted(_ value: String) -> String {
        let isPlain = !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x7F }
        return isPlain ? value : JSONValue.string(value).text
    }
}
