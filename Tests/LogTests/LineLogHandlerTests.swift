import Glibc
import Logging
import Store
import TestSupport
import Testing

@testable import Log

@Suite(.timeLimit(.minutes(5)))
struct LineLogHandlerTests {
    private struct FixedClock: WallClock {
        func now() -> UnixTime { UnixTime(milliseconds: 1_700_000_000_123) }
        func sleep(for duration: Duration) async throws {}
    }

    /// What is written while `body` logs.
    private func lines(
        _ form: LogForm, level: Logger.Level = .trace, metadata: Logger.Metadata = [:],
        _ body: (Logger) -> Void
    ) async throws -> [String] {
        let pipe = try TestPipe()
        let lines = pipe.read()
        let writer = try LogWriter(to: pipe.writeEnd) {
            form.notice(ofMissing: $0, clock: FixedClock())
        }
        var logger = Logger(label: "test") { _ in
            LineLogHandler(form: form, level: level, writer: writer, clock: FixedClock())
        }
        for (key, value) in metadata { logger[metadataKey: key] = value }
        body(logger)
        #expect(writer.close(within: .seconds(300)))
        close(pipe.writeEnd)
        return try await lines.wait(until: \.hasEnded).lines
    }

    @Test func `text is for people`() async throws {
        let lines = try await lines(.text) { logger in
            logger.info("stopped")
            logger.critical("gone", metadata: ["why": "it is late", "at": "12", "empty": ""])
            logger.warning(
                "odd", metadata: ["a": "line\nend", "b": "\"quoted\"", "c": "ünïcode", "d": "\u{7F}"])
        }
        #expect(
            lines == [
                "2023-11-14T22:13:20.123Z info    stopped",
                "2023-11-14T22:13:20.123Z critical gone at=12 empty=\"\" why=\"it is late\"",
                "2023-11-14T22:13:20.123Z warning odd a=\"line\\nend\" b=\"\\\"quoted\\\"\" c=ünïcode d=\"\u{7F}\"",
            ])
    }

    @Test func `JSON is an object of strings, its own members first`() async throws {
        let lines = try await lines(.json) { logger in
            logger.info("stopped")
            logger.error(
                "a \"quoted\" message",
                metadata: [
                    "why": "line\nend", "at": .stringConvertible(12), "list": ["a", "b"],
                    "object": ["k": "v"],
                ])
            logger.info("own", metadata: ["message": "another", "level": "none", "alpha": "1"])
        }
        #expect(
            lines == [
                #"{"time":"2023-11-14T22:13:20.123Z","level":"info","message":"stopped"}"#,
                #"{"time":"2023-11-14T22:13:20.123Z","level":"error","message":"a \"quoted\" message","at":"12","#
                    + #""list":"[\"a\", \"b\"]","object":"[\"k\": \"v\"]","why":"line\nend"}"#,
                #"{"time":"2023-11-14T22:13:20.123Z","level":"none","message":"another","alpha":"1"}"#,
            ])
    }

    @Test func `metadata of a logger is part of its lines, that of the line counts first`() async throws {
        let lines = try await lines(.text, metadata: ["id": "1", "who": "me"]) { logger in
            logger.info("one", metadata: ["id": "2"])
        }
        #expect(lines == ["2023-11-14T22:13:20.123Z info    one id=2 who=me"])
    }

    @Test func `what is below the level is not there`() async throws {
        let lines = try await lines(.text, level: .notice) { logger in
            logger.info("quiet")
            logger.notice("heard")
        }
        #expect(lines == ["2023-11-14T22:13:20.123Z notice  heard"])
    }

    @Test(arguments: LogForm.allCases, [[:], ["id": "1"]] as [Logger.Metadata])
    func `fields are written as metadata is`(_ form: LogForm, _ metadata: Logger.Metadata) async throws {
        let lines = try await lines(form, metadata: metadata) { logger in
            var fields = LogFields()
            fields.append("attempt", 3)
            fields.append("class", nil as String?)
            fields.append("error", "no \"answer\"")
            fields.append("event", "ticket.created")
            fields.append("status", nil as Int?)
            fields.append("total_us", -12)
            logger.log(level: .info, "delivery attempt", fields: fields)
            logger.info(
                "delivery attempt",
                metadata: [
                    "attempt": "3", "error": "no \"answer\"", "event": "ticket.created", "total_us": "-12",
                ])
        }
        #expect(lines.count == 2)
        #expect(lines.first == lines.last)
        #expect(lines.allSatisfy { $0.contains("ticket.created") })
    }

    @Test func `other handlers show fields too`() {
        var fields = LogFields()
        fields.append("attempt", 3)
        fields.append("event", "ticket.created")
        #expect("\(fields)" == "attempt=3 event=ticket.created")
    }

    @Test func `the line about what is missing is a warning with their number`() {
        func notice(_ form: LogForm) -> String {
            String(decoding: form.notice(ofMissing: 7, clock: FixedClock()), as: UTF8.self)
        }
        #expect(
            notice(.text)
                == "2023-11-14T22:13:20.123Z warning lines of the log are missing here: they could not be written lines=7\n"
        )
        #expect(
            notice(.json)
                == #"{"time":"2023-11-14T22:13:20.123Z","level":"warning","message":"lines of the log are missing here: "#
                + #"they could not be written","lines":"7"}"# + "\n")
    }
}
