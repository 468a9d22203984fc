import Expressions
import JSON
import Resources
import Store

/// What a subscription computes for each event: compiled when a configuration becomes active, evaluated at fan-out,
/// outside of the writer.
struct SubscriptionExpressions: Sendable {
    /// Longer keys are refused, in bytes: the state has an index of them.
    static let maximumKey = 1 << 10
    /// Larger bodies are refused, in bytes.
    static let maximumBody = 4 << 20

    private typealias Compiled<Value> = Result<Value, ExpressionFailure>

    private let name: String
    private let filter: Compiled<Program>?
    private let orderKey: Compiled<Program>?
    private let body: Compiled<Template>?
    private let fanOutNeeds: ExpressionNeeds
    private let bodyNeeds: ExpressionNeeds

    /// nil for a subscription whose deliveries are all the same: every event that it names, the standard payload.
    ///
    /// What does not compile (it was checked by another version, before it was applied) fails each delivery with the
    /// reason, and is among `problems`.
    init?(name: String, _ spec: SubscriptionSpec) {
        self.name = name
        let shape = EventShape(spec.events)
        func compile(_ place: String, _ source: String, _ scope: ExpressionScope, _ type: CELType?)
            -> Compiled<Program>
        {
            Result { () throws(CompilationError) in
                try Program.compile(
                    source, in: ExpressionContext(scope, event: shape).declarations, expecting: type)
            }.mapError { ExpressionFailure("`\(place)` does not compile: \($0)") }
        }
        filter = spec.filter.map { compile("filter", $0, .subscriptionFilter, .bool) }
        if case .perKey(let key) = spec.order {
            orderKey = compile("orderKey", key, .subscriptionOrderKey, nil)
        } else {
            orderKey = nil
        }
        body = spec.body.map { tree in
            Result { () throws(TemplateError) in
                try Template.compile(
                    tree, in: ExpressionContext(.subscriptionBody, event: shape).declarations)
            }.mapError { ExpressionFailure("`body` does not compile: \($0)") }
        }
        guard filter != nil || orderKey != nil || body != nil else { return nil }
        let programs = [filter, orderKey].compactMap { try? $0?.get() }
        fanOutNeeds = ExpressionNeeds(programs.flatMap(\.references))
        bodyNeeds = ExpressionNeeds((try? body?.get())?.references ?? [])
    }

    /// What does not compile.
    var problems: [String] {
        [filter?.problem, orderKey?.problem, body?.problem].compactMap { $0 }
    }

    /// The delivery of an event; nil when the filter is false.
    ///
    /// A delivery that fails here is born failed: what an event came to is never dropped in silence.
    ///
    /// - Parameters:
    ///   - isForced: the filter is not asked.
    ///   - newID: makes an id for a delivery whose body holds it.
    func delivery(of event: EventVariables, isForced: Bool, newID: () -> DeliveryID) -> NewDelivery? {
        do throws(Refusal) {
            if !isForced, try !matches(event) { return nil }
            var delivery = NewDelivery(subscription: name)
            delivery.orderKey = try key(event)
            if body != nil {
                if bodyNeeds.delivery { delivery.id = newID() }
                delivery.body = try payload(event, delivery.id)
            }
            return delivery
        } catch {
            return NewDelivery(
                subscription: name,
                refusal: NewDelivery.Refusal(errorClass: error.errorClass, message: error.message))
        }
    }

    private struct Refusal: Error {
        let errorClass: String
        let message: String
    }

    // MARK: Steps

    private func matches(_ event: EventVariables) throws(Refusal) -> Bool {
        guard let filter else { return true }
        return try failing("filter") { () throws(ExpressionFailure) in
            let program = try filter.get()
            let variables = try event.activation(fanOutNeeds, delivery: nil)
            do throws(EvaluationError) {
                return try program.holds(variables)
            } catch {
                throw ExpressionFailure("filter", error, in: program.source)
            }
        }
    }

    private func key(_ event: EventVariables) throws(Refusal) -> String? {
        guard let orderKey else { return nil }
        return try failing("render") { () throws(ExpressionFailure) in
            let program = try orderKey.get()
            let variables = try event.activation(fanOutNeeds, delivery: nil)
            do throws(EvaluationError) {
                return try Self.keyText(try program.evaluate(variables))
            } catch {
                throw ExpressionFailure("orderKey", error, in: program.source)
            }
        }
    }

    private func payload(_ event: EventVariables, _ id: DeliveryID?) throws(Refusal) -> String? {
        guard let body else { return nil }
        return try failing("render") { () throws(ExpressionFailure) in
            let template = try body.get()
            let rendered = try Self.render(template, try event.activation(bodyNeeds, delivery: id))
            guard let text = rendered.json?.text else { throw ExpressionFailure("`body` is left out") }
            guard text.utf8.count <= Self.maximumBody else {
                throw ExpressionFailure("`body` is larger than \(Self.maximumBody) bytes")
            }
            return text
        }
    }

    private static func render(
        _ template: Template, _ variables: Activation
    ) throws(ExpressionFailure) -> RenderedTemplate {
        do throws(RenderError) {
            return try template.render(variables)
        } catch {
            let leaf = template.leaves.first { $0.path == error.path }
            let place = error.path.steps.isEmpty ? "body" : "body.\(error.path)"
            throw ExpressionFailure(place, error.cause, in: leaf?.text.source ?? "")
        }
    }

    /// Numbers of equal value are one key whatever their type; null is a key like any other.
    private static func keyText(_ value: CELValue) throws(EvaluationError) -> String {
        let text: String
        switch value {
        case .string(let value): text = value
        case .uint(let value): text = String(value)
        case .null, .bool, .int, .double, .timestamp, .duration: text = value.description
        default: throw EvaluationError(.invalidArgument, "a value of type `\(value.typeName)` is no key")
        }
        guard text.utf8.count <= maximumKey else {
            throw EvaluationError(.invalidArgument, "the key is longer than \(maximumKey) bytes")
        }
        return text
    }

    private func failing<Value>(
        _ errorClass: String, _ body: () throws(ExpressionFailure) -> Value
    ) throws(Refusal) -> Value {
        do throws(ExpressionFailure) {
            return try body()
        } catch {
            throw Refusal(errorClass: errorClass, message: error.description)
        }
    }
}

extension Result where Failure == ExpressionFailure {
    fileprivate var problem: String? {
        if case .failure(let failure) = self { failure.description } else { nil }
    }
}
