internal import Expressions
internal import JSON
package import Resources

/// A run that an event would start, before anything is known about other runs. Evaluated outside of the transaction.
package struct StartCandidate: Sendable, Equatable {
    /// The trigger that fits, by its place in the list.
    package let trigger: Int
    /// Runs with the same key count together; nil without `concurrency`.
    package let concurrencyKey: String?
    /// nil without `dedupe`.
    package let dedupeKey: String?
    /// Why the run cannot begin: a condition or a key has no result, or an input is wrong. It is recorded as failed.
    package let error: StepError?
}

extension WorkflowDefinition {
    /// What an event starts; nil for nothing.
    ///
    /// - Parameter trigger: the trigger of a schedule that is due, which no event names.
    package func candidate(for event: TriggerEvent, schedule: Int? = nil) -> StartCandidate? {
        var failure: StepError?
        for (number, trigger) in spec.triggers.enumerated()
        where schedule.map({ $0 == number }) ?? trigger.source.matches(event) {
            do throws(StepError) {
                if let condition = conditions[number], !(try condition.holds(Self.activation(event))) {
                    continue
                }
                return candidate(number, event)
            } catch {
                // Another trigger may fit without a doubt.
                failure = failure ?? error
            }
        }
        return failure.map {
            StartCandidate(trigger: 0, concurrencyKey: nil, dedupeKey: nil, error: $0)
        }
    }

    /// The manual start: through the API, or by a step `call`. The event's data are the inputs with their defaults.
    ///
    /// - Parameter event: of the type `manual`.
    /// - Returns: the candidate, with an error for inputs that are wrong or a workflow that has no trigger `manual`, and the
    ///   event with the defaults of the inputs filled in.
    package func manualCandidate(for event: TriggerEvent) -> (candidate: StartCandidate, event: TriggerEvent)
    {
        func failed(_ trigger: Int, _ error: StepError) -> StartCandidate {
            StartCandidate(trigger: trigger, concurrencyKey: nil, dedupeKey: nil, error: error)
        }
        for (number, trigger) in spec.triggers.enumerated() {
            guard case .manual(let inputs) = trigger.source else { continue }
            do throws(StepError) {
                let checked = try event.withInputs(inputs)
                if let condition = conditions[number], !(try condition.holds(Self.activation(checked))) {
                    return (failed(number, StepError(.invalid, "the trigger's `if` is false")), checked)
                }
                return (candidate(number, checked), checked)
            } catch {
                return (failed(number, error), event)
            }
        }
        return (failed(0, StepError(.invalid, "`\(name)` has no trigger `manual`")), event)
    }

    private func candidate(_ trigger: Int, _ event: TriggerEvent) -> StartCandidate {
        guard concurrencyKey != nil || dedupeKey != nil else {
            return StartCandidate(trigger: trigger, concurrencyKey: nil, dedupeKey: nil, error: nil)
        }
        do throws(StepError) {
            let activation = Self.activation(event)
            return StartCandidate(
                trigger: trigger, concurrencyKey: try concurrencyKey?.key(activation),
                dedupeKey: try dedupeKey?.key(activation), error: nil)
        } catch {
            return StartCandidate(trigger: trigger, concurrencyKey: nil, dedupeKey: nil, error: error)
        }
    }

    private static func activation(_ event: TriggerEvent) -> Activation {
        Activation(["event": event.value])
    }
}

extension WorkflowSpec.Trigger.Source {
    /// Whether events of this type are the trigger's; `if` is another question.
    package func matches(_ event: TriggerEvent) -> Bool {
        switch self {
        case .event(let pattern): !event.isInbound && pattern.matches(event.type)
        case .inbound(let endpoint): event.type == "inbound.\(endpoint)"
        case .schedule, .manual: false
        }
    }
}

extension TriggerEvent {
    fileprivate var isInbound: Bool { type.hasPrefix("inbound.") }

    /// The event with the defaults of inputs that are not given.
    fileprivate func withInputs(_ inputs: [WorkflowSpec.Input]) throws(StepError) -> TriggerEvent {
        var values = data.object ?? [:]
        for input in inputs {
            if let value = values[input.name] {
                guard input.accepts(value) else {
                    throw StepError(
                        .invalid, "the input `\(input.name)` is not of the type `\(input.type.rawValue)`")
                }
            } else if let value = input.defaultValue {
                values[input.name] = value
            } else if input.isRequired {
                throw StepError(.invalid, "the input `\(input.name)` is missing")
            }
        }
        for name in values.keys where !inputs.contains(where: { $0.name == name }) {
            throw StepError(.invalid, "there is no input `\(name)`")
        }
        var event = TriggerEvent(id: id, type: type, ts: ts, data: .object(values))
        event.chain = chain
        return event
    }
}

extension WorkflowSpec.Input {
    fileprivate func accepts(_ value: JSONValue) -> Bool {
        switch (type, value) {
        case (.string, .string), (.boolean, .bool), (.object, .object), (.list, .array),
            (.number, .number):
            true
        case (.integer, .number(let number)): number.isInteger
        default: false
        }
    }
}
