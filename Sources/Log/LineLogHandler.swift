package import Logging
package import Store

/// Log lines, for people or as JSON, in the order in which they are logged. Whoever logs never waits for their reader:
/// a ``LogWriter`` writes them.
package struct LineLogHandler: LogHandler {
    private let form: LogForm
    private let writer: LogWriter
    private let clock: any WallClock
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]

    package init(
        form: LogForm, level: Logger.Level, writer: LogWriter, clock: any WallClock = SystemClock()
    ) {
        self.form = form
        self.writer = writer
        self.clock = clock
        logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        if metadata.isEmpty, let fields = LogFields(onlyOf: event.metadata) {
            writer.write(line(event, fields))
        } else {
            writer.write(line(event, metadata.merging(LogFields.spread(event.metadata ?? [:])) { $1 }))
        }
    }

    /// The way of lines that are written thousands of times a second: nothing is hashed, sorted or made a string first.
    private func line(_ event: LogEvent, _ fields: LogFields) -> [UInt8] {
        var line = LogLine(
            form, time: clock.now().description, level: event.level.rawValue,
            message: event.message.description)
        for (key, value) in fields {
            switch value {
            case .text(let text): line.append(key, text)
            case .number(let number): line.append(key, number)
            }
        }
        return line.ended()
    }

    private func line(_ event: LogEvent, _ metadata: Logger.Metadata) -> [UInt8] {
        // A member of an object is there once: the metadata's counts, in the place of the line's own.
        let own = form == .json ? metadata : [:]
        var line = LogLine(
            form, time: own["time"]?.description ?? clock.now().description,
            level: own["level"]?.description ?? event.level.rawValue,
            message: own["message"]?.description ?? event.message.description)
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            if form == .json && LogLine.ownKeys.contains(key) { continue }
            line.append(key, value.description)
        }
        return line.ended()
    }
}

extension LogForm {
    /// Says that lines are missing in the log, for ``LogWriter``.
    package func notice(ofMissing lines: Int, clock: any WallClock = SystemClock()) -> [UInt8] {
        var line = LogLine(
            self, time: clock.now().description, level: Logger.Level.warning.rawValue,
            message: "lines of the log are missing here: they could not be written")
        line.append("lines", lines)
        return line.ended()
    }
}
