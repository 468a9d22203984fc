import Expressions
import JSON
import Store

/// The variable `event` of expressions about one event.
///
/// What lies in JSON is parsed once, when the first expression asks for it; an event that no expression looks into is
/// never parsed.
final class EventVariables {
    private let id: EventID?
    private let event: NewEvent
    private lazy var head = makeHead()
    private var whole: CELValue?

    /// - Precondition: an expression that looks at `event.id` is only evaluated for an event that has one.
    init(_ event: NewEvent) { (id, self.event) = (event.id, event) }

    init(_ event: Event) { (id, self.event) = (event.id, event.content) }

    /// The variables of an expression.
    ///
    /// - Throws: `ExpressionFailure` for a stored text that is not JSON.
    func activation(_ needs: ExpressionNeeds, delivery: DeliveryID?) throws(ExpressionFailure) -> Activation {
        var activation = Activation(["event": needs.wholeEvent ? try wholeEvent() : head])
        if let delivery { activation.set("delivery", .record(["id": .string(delivery.text)])) }
        return activation
    }

    private func makeHead() -> CELValue {
        .record(["id": .string(id?.text ?? ""), "type": .string(event.type), "ts": time])
    }

    private func wholeEvent() throws(ExpressionFailure) -> CELValue {
        if let whole { return whole }
        let value = CELValue.record([
            "id": .string(id?.text ?? ""), "type": .string(event.type), "ts": time,
            "data": try Self.parse(event.data),
            "changed": try event.changed.map { (text) throws(ExpressionFailure) in
                try Self.parse(Array(text.utf8))
            }
                ?? .list([]),
            "previous": try event.previous.map { (text) throws(ExpressionFailure) in
                try Self.parse(Array(text.utf8))
            } ?? .map(.empty),
        ])
        whole = value
        return value
    }

    private var time: CELValue { Timestamp(event.ts).map(CELValue.timestamp) ?? .null }

    private static func parse(_ bytes: [UInt8]) throws(ExpressionFailure) -> CELValue {
        do throws(JSONError) {
            return CELValue(try JSONValue(parsing: bytes))
        } catch {
            throw ExpressionFailure("cannot read the event: \(error)")
        }
    }
}

/// What expressions look at, as far as it costs something to have it ready.
struct ExpressionNeeds: Sendable {
    /// More of the event than its id, type and time.
    var wholeEvent = false
    var delivery = false

    init(_ references: some Sequence<Reference>) {
        for reference in references {
            switch (reference.variable, reference.path.first) {
            case ("event", "id"), ("event", "type"), ("event", "ts"): break
            case ("event", _): wholeEvent = true
            case ("delivery", _): delivery = true
            default: break
            }
        }
    }
}

/// Why an expression has no result, for the log of deliveries.
struct ExpressionFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// - Parameters:
    ///   - place: the field, such as `filter` or `body.text`.
    ///   - source: the text that the error's range counts in.
    init(_ place: String, _ error: EvaluationError, in source: String) {
        let part = error.range.map { range in
            String(
                String.UnicodeScalarView(
                    source.unicodeScalars.dropFirst(range.lowerBound).prefix(range.count)))
        }
        description = "`\(place)` failed\(part.map { " at `\($0)`" } ?? ""): \(error.message)"
    }
}
