internal import Expressions
internal import JSON
internal import Resources

/// Sending requests and judging what comes back.
extension Advance {
    /// Sends the next attempt of a step; the request is written down with the first.
    mutating func send(_ address: StepAddress, _ request: RequestPlan) {
        guard let step = state.steps[address] else { return }
        let isFirst = step.request == nil
        if isFirst, !hasRoom(for: request.body?.json.compactSize ?? 0) { return failForSize(address) }
        let attempt = step.attempts + 1
        record(.sending(attempt: attempt, isFirst ? request : nil), address)
        perform(.send(address, attempt: attempt, request))
    }

    mutating func requestEnded(_ address: StepAddress, _ attempt: Int, _ outcome: HTTPOutcome) {
        guard let step = state.steps[address], step.isSending, step.attempts == attempt,
            let index = definition.step(address), case .http(let request) = definition.steps[index].action
        else { return }
        record(.answered, address)
        switch outcome {
        case .answered(let status, let headers, let body, let isTruncated, let retryAfter):
            let needsBody = request.expect != nil || definition.steps[index].outputs != nil
            if needsBody, isTruncated || body.count > RunBounds.response {
                let message = "the answer is larger than \(RunBounds.response) bytes"
                return fail(address, StepError(.limit, message, step: address))
            }
            let response = Self.response(status, headers, needsBody ? body : [])
            judge(address, request, status, response, retryAfter)
        case .failed(let type, let message, let mayHaveArrived):
            if request.isAtMostOnce, mayHaveArrived {
                fail(
                    address,
                    StepError(.unknownOutcome, "the request may have arrived: \(message)", step: address))
            } else {
                fail(address, StepError(type, message, step: address))
            }
        }
    }

    private mutating func judge(
        _ address: StepAddress, _ request: CompiledRequest, _ status: Int, _ response: CELValue,
        _ retryAfter: Duration?
    ) {
        do throws(StepError) {
            let isExpected: Bool
            if let expect = request.expect {
                isExpected = try expect.holds(
                    try variables(address).activation(expect.needs, response: response))
            } else {
                isExpected = 200..<300 ~= status
            }
            if isExpected {
                return finish(address, ["status": .number(JSONNumber(status))], response: response)
            }
        } catch {
            return fail(address, error.at(address))
        }
        fail(
            address, StepError(.http, "the answer is \(status)", step: address),
            isFinal: !Self.isTemporary(status), retryAfter: retryAfter)
    }

    private static func isTemporary(_ status: Int) -> Bool {
        [408, 425, 429].contains(status) || 500..<600 ~= status
    }

    /// The variable `response`: a body that is not JSON is a string.
    private static func response(
        _ status: Int, _ headers: [(name: String, value: String)], _ body: [UInt8]
    ) -> CELValue {
        var fields = JSONObject()
        for (name, value) in headers {
            let earlier = fields[name]?.string.map { $0 + ", " } ?? ""
            fields[name] = .string(earlier + value)
        }
        let value: JSONValue
        if body.isEmpty {
            value = .null
        } else {
            do throws(JSONError) { value = try JSONValue(parsing: body, limits: .received) } catch {
                value = .string(String(decoding: body, as: UTF8.self))
            }
        }
        return .record([
            "status": .int(Int64(status)), "headers": .map(.json(fields)), "body": CELValue(value),
        ])
    }

    // MARK: Rendering

    func plan(_ request: CompiledRequest, _ address: StepAddress) throws(StepError) -> RequestPlan {
        let variables = variables(address)
        func render(_ text: CompiledText) throws(StepError) -> SecretText? {
            try text.render(try variables.activation(text.needs))
        }
        func required(_ text: CompiledText) throws(StepError) -> SecretText {
            guard let rendered = try render(text) else {
                throw StepError(.expression, "`\(text.place)` is left out")
            }
            return rendered
        }
        var headers: [(name: String, value: SecretText)] = []
        for (name, text) in request.headers {
            if let value = try render(text) { headers.append((name, value)) }
        }
        switch request.authentication {
        case nil: break
        case .bearer(let token):
            headers.append(
                ("Authorization", SecretText(joining: [SecretText("Bearer "), try required(token)])))
        case .basic(let username, let password):
            let pair = SecretText(
                joining: [try required(username), SecretText(":"), try required(password)])
            headers.append(("Authorization", SecretText(joining: [SecretText("Basic "), pair.base64])))
        }
        let body = try self.body(request, headers, variables)
        if body != nil, !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            headers.append(("Content-Type", SecretText("application/json")))
        }
        let key = key(address)
        if request.method != "GET", !headers.contains(where: { $0.name.lowercased() == "idempotency-key" }) {
            headers.append(("Idempotency-Key", SecretText(key)))
        }
        return RequestPlan(
            method: request.method, url: try url(request, variables), headers: headers, body: body,
            timeout: definition.step(address).flatMap { definition.steps[$0].timeout }
                ?? RunBounds.requestTimeout,
            isAtMostOnce: request.isAtMostOnce, idempotencyKey: key)
    }

    private func url(
        _ request: CompiledRequest, _ variables: StepVariables
    ) throws(StepError) -> SecretText {
        let activation = try variables.activation(request.url.needs)
        guard let base = try request.url.render(activation, percentEncoding: true) else {
            throw StepError(.expression, "`\(request.url.place)` is left out")
        }
        var parts = [base]
        var separator = base.redacted.contains("?") ? "&" : "?"
        for parameter in request.query {
            let name = SecretText(parameter.name).percentEncoded
            for value in parameter.values {
                guard let value = try value.render(try variables.activation(value.needs)) else { continue }
                parts += [SecretText(separator), name, SecretText("="), value.percentEncoded]
                separator = "&"
            }
        }
        return SecretText(joining: parts)
    }

    private func body(
        _ request: CompiledRequest, _ headers: [(name: String, value: SecretText)],
        _ variables: StepVariables
    ) throws(StepError) -> RequestPlan.Body? {
        guard let tree = request.body else { return nil }
        let rendered = try tree.render(try variables.activation(tree.needs))
        guard let json = rendered.json else { return nil }
        let type = headers.first { $0.name.lowercased() == "content-type" }?.value.redacted.lowercased()
        return RequestPlan.Body(
            json: json, secrets: rendered.secretLeaves,
            isText: type.map { !$0.contains("json") } ?? false)
    }

    /// The same on every attempt of the step, after a crash too; another in a repeated run, unless nobody knows what became
    /// of the first.
    private func key(_ address: StepAddress) -> String {
        if let key = state.creation?.keys[address] { return key }
        return String(ResourceDigest(of: "\(state.run)\n\(address)").hex.prefix(32))
    }
}
