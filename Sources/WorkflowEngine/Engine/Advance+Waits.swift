internal import Expressions
internal import JSON
internal import Resources

/// Waiting for messages.
extension Advance {
    mutating func open(_ wait: CompiledWait, _ address: StepAddress) throws(StepError) {
        let key: String?
        if let expression = wait.key {
            key = try expression.key(try variables(address).activation(expression.needs))
        } else {
            key = state.creation?.event.record
        }
        let source: WaitRegistration.Source
        switch wait.source {
        case .callback:
            guard engine.callbackURL(state.run, address) != nil else {
                throw StepError(
                    .noPublicURL, "there is no URL for callbacks: start with `--public-url`", step: address)
            }
            source = .callback
        case .inbound(let endpoint):
            guard let key else { throw StepError(.expression, "the wait has no `key`") }
            source = .inbound(endpoint: endpoint, key: key)
        case .event(let pattern):
            guard let key else {
                throw StepError(.expression, "the run's event is about no record: the wait needs a `key`")
            }
            source = .event(pattern, record: key)
        }
        let registration = WaitRegistration(source: source, deadline: wait.timeout.map { now + $0 })
        record(.waiting(registration), address)
        perform(.openWait(address, registration))
    }

    /// Ends the wait when the message is the one that it waits for.
    mutating func offer(_ message: WaitMessage, to address: StepAddress) {
        guard state.steps[address]?.wait != nil, !state.consumed.contains(message.id),
            let index = definition.step(address), case .wait(let wait) = definition.steps[index].action,
            let verdict = verdict(on: message, wait, address), verdict.isWanted
        else { return }
        record(.received(message: message.id), address)
        perform(.consume(message: message.id, by: address))
        var result: JSONObject = ["timedOut": false]
        result["which"] = verdict.which.map(JSONValue.string)
        result["message"] = message.json
        finish(address, result)
    }

    private struct Verdict {
        var isWanted = true
        var which: String?
    }

    /// nil where a condition has no result, which is as good as false: the message may be meant for another wait.
    private func verdict(on message: WaitMessage, _ wait: CompiledWait, _ address: StepAddress) -> Verdict? {
        do throws(StepError) {
            let value = message.value
            if let match = wait.match {
                let activation = try variables(address).activation(match.needs, message: value)
                return Verdict(isWanted: try match.holds(activation))
            }
            guard !wait.anyOf.isEmpty else { return Verdict() }
            return wanted(wait.anyOf, value, address)
        } catch {
            return nil
        }
    }

    /// The first named condition that holds; one that has no result keeps no other from holding.
    private func wanted(
        _ choices: [(name: String, condition: CompiledExpression)], _ message: CELValue,
        _ address: StepAddress
    ) -> Verdict {
        for (name, condition) in choices {
            do throws(StepError) {
                let activation = try variables(address).activation(condition.needs, message: message)
                if try condition.holds(activation) { return Verdict(which: name) }
            } catch {
                continue
            }
        }
        return Verdict(isWanted: false)
    }

    mutating func waitTimedOut(_ address: StepAddress) {
        guard let index = definition.step(address), case .wait(let wait) = definition.steps[index].action
        else {
            return
        }
        if wait.continuesOnTimeout { return finish(address, ["timedOut": true]) }
        let timeout = wait.timeout?.configurationText ?? ""
        fail(address, StepError(.timeout, "nothing came within \(timeout)", step: address))
    }
}
