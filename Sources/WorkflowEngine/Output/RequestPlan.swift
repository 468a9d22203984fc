package import Expressions
package import JSON

/// A request as it is sent on every attempt of a step. Secrets stand in it by their names; their values are filled in when
/// it is sent, and only then.
package struct RequestPlan: Sendable, Equatable {
    package let method: String
    /// With the query.
    package let url: SecretText
    /// `Idempotency-Key` and the content's type included.
    package let headers: [(name: String, value: SecretText)]
    package let body: Body?
    package let timeout: Duration
    /// A request whose outcome is unknown is not sent again.
    package let isAtMostOnce: Bool
    /// The same on every attempt; sent with every method but GET.
    package let idempotencyKey: String

    /// What is sent.
    package struct Body: Sendable {
        /// `secret:<name>` stands where a secret belongs.
        package let json: JSONValue
        let secrets: [(path: TemplatePath, text: SecretText)]
        /// A text that is sent as it is, because the step names a content type that is not JSON.
        let isText: Bool
    }

    package static func == (left: RequestPlan, right: RequestPlan) -> Bool { left.json == right.json }

    /// The names of the secrets in it, each once.
    package var secrets: [String] {
        var seen: Set<String> = []
        let texts = [url] + headers.map(\.value) + (body?.secrets.map(\.text) ?? [])
        return texts.flatMap(\.names).filter { seen.insert($0).inserted }
    }

    /// What it says to people: every secret as `secret:<name>`.
    package var redacted: JSONValue {
        var members: JSONObject = ["method": .string(method), "url": .string(url.redacted)]
        members["headers"] = .object(
            JSONObject(headers.map { ($0.name, JSONValue.string($0.value.redacted)) }))
        members["body"] = body?.json
        return .object(members)
    }
}

extension RequestPlan.Body {
    /// The bytes to send, with the secrets' values; the caller must not keep them.
    ///
    /// - Throws: what `resolve` throws for a name that has no value.
    package func reveal<Failure: Error>(
        _ resolve: (String) throws(Failure) -> String
    ) throws(Failure) -> [UInt8] {
        var value = json
        for (path, text) in secrets {
            value = value.replacing(path.steps, with: .string(try text.reveal(resolve)))
        }
        if isText, case .string(let text) = value { return Array(text.utf8) }
        return value.utf8
    }
}
