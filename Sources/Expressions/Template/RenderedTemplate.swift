package import JSON

/// What a template renders to. Secrets stand in it by their names.
package struct RenderedTemplate: Sendable {
    indirect enum Part: Sendable {
        case json(JSONValue)
        case secret(SecretText)
        case array([Part])
        case object([(key: String, part: Part)])
    }

    /// nil when the whole tree is left out.
    let root: Part?

    /// The tree for journals and logs, with `secret:<name>` in the place of each secret; where there are none, it
    /// is the tree to send. nil when `omit()` drops all of it.
    package var json: JSONValue? { root?.json { $0.redacted } }

    /// The names of the secrets in it, each once.
    package var secrets: [String] {
        var names: [String] = []
        root?.collect(&names)
        return names
    }

    /// The tree with the secrets' values; the caller must not keep it.
    ///
    /// - Throws: what `resolve` throws for a name that has no value.
    package func reveal<Failure: Error>(
        _ resolve: (String) throws(Failure) -> String
    ) throws(Failure) -> JSONValue? {
        guard let root else { return nil }
        return try root.json { secret throws(Failure) in try secret.reveal(resolve) }
    }
}

extension RenderedTemplate.Part {
    fileprivate func json<Failure: Error>(
        _ text: (SecretText) throws(Failure) -> String
    ) throws(Failure) -> JSONValue {
        switch self {
        case .json(let value): return value
        case .secret(let secret): return .string(try text(secret))
        case .array(let parts):
            var elements: [JSONValue] = []
            elements.reserveCapacity(parts.count)
            for part in parts { elements.append(try part.json(text)) }
            return .array(elements)
        case .object(let parts):
            var object = JSONObject()
            for (key, part) in parts { object.append(key, try part.json(text)) }
            return .object(object)
        }
    }

    fileprivate func collect(_ names: inout [String]) {
        switch self {
        case .json: break
        case .secret(let secret):
            for name in secret.names where !names.contains(name) { names.append(name) }
        case .array(let parts): for part in parts { part.collect(&names) }
        case .object(let parts): for (_, part) in parts { part.collect(&names) }
        }
    }
}
