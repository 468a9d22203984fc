import JSON

@testable import Expressions

/// The declarations and the event that the tests share.
enum Samples {
    static let ticket = RecordType(
        "ticket",
        [
            .init("id", .string), .init("key", .string), .init("subject", .string),
            .init("priority", .string),
            .init("status", .string), .init("tags", .list(.string)), .init("estimate", .double),
            .init("reopened", .int), .init("team", CELType.string.orNull),
            .init("assignee", .string, optional: true),
            .init("custom", .dyn),
        ])

    static let event = RecordType(
        "event",
        [
            .init("id", .string), .init("type", .string), .init("ts", .timestamp),
            .init("data", .record(ticket)),
            .init("changed", .list(.string), optional: true),
        ])

    static let declarations = Declarations(["event": .record(event), "steps": .map(.string, .dyn)])

    static let data: JSONValue = [
        "id": "tkt_1", "key": "INC-41", "subject": "Mail is down", "priority": "high", "status": "open",
        "tags": ["mail", "outage"], "estimate": .number(JSONNumber(text: "1.50") ?? JSONNumber(0)),
        "reopened": 2,
        "team": nil, "custom": ["impact": 3, "site": "Berlin"],
    ]

    static let activation: Activation = {
        var activation = Activation()
        activation.set(
            "event",
            .record([
                "id": .string("evt_1"), "type": .string("ticket.created"),
                "ts": .timestamp(Timestamp("2026-05-05T11:45:07Z") ?? Timestamp(seconds: 0)!),
                "data": CELValue(data),
            ]))
        activation.set("steps", CELValue(["page": ["outputs": ["key": "zentra-1"]]] as JSONValue))
        return activation
    }()

    /// The value of an expression about the sample event.
    static func evaluate(_ source: String, costLimit: Int = Cost.defaultLimit) throws -> CELValue {
        try Program.compile(source, in: declarations).evaluate(activation, costLimit: costLimit)
    }

    /// The problems of an expression.
    static func diagnostics(
        _ source: String, in declarations: Declarations = declarations, expecting expected: CELType? = nil
    ) -> [Diagnostic] {
        do throws(CompilationError) {
            return try Program.compile(source, in: declarations, expecting: expected).warnings
        } catch {
            return error.diagnostics
        }
    }

    /// The part of a source that a range names.
    static func text(_ range: Range<Int>, of source: String) -> String {
        String(scalars: source.unicodeScalars.dropFirst(range.lowerBound).prefix(range.count))
    }
}

/// A source and what it evaluates to, both in CEL.
struct Example: Sendable, CustomStringConvertible {
    let source: String
    let result: String

    init(_ source: String, _ result: String) {
        self.source = source
        self.result = result
    }

    var description: String { source }

    /// nil when the source evaluates to the result, else what it evaluates to.
    func mismatch() throws -> String? {
        let value = try Samples.evaluate(source).description
        let expected = try Samples.evaluate(result).description
        return value == expected ? nil : "\(source) is \(value), not \(expected)"
    }
}
