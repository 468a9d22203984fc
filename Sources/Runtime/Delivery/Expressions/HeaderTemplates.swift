import Expressions
import OutboundHTTP
import Resources
import Store

/// The headers of a subscription that hold expressions: rendered for each attempt, because they may hold secrets.
struct HeaderTemplates: Sendable {
    private struct Header: Sendable {
        let name: String
        let value: Result<TextTemplate, ExpressionFailure>
    }

    private let headers: [Header]
    private let needs: ExpressionNeeds
    /// The secrets without which they cannot be rendered.
    let secrets: [String]

    init(_ spec: SubscriptionSpec) {
        let declarations = ExpressionContext(.subscriptionHeader, event: EventShape(spec.events)).declarations
        headers = spec.headers.filter(\.isTemplate).map { header in
            let value = Result { () throws(CompilationError) in
                try TextTemplate.compile(header.value, in: declarations)
            }.mapError { ExpressionFailure("`headers.\(header.name)` does not compile: \($0)") }
            return Header(name: header.name, value: value)
        }
        let programs = headers.compactMap { try? $0.value.get() }.flatMap(\.programs).map(\.program)
        needs = ExpressionNeeds(programs.flatMap(\.references))
        secrets = programs.flatMap(\.secrets)
    }

    var isEmpty: Bool { headers.isEmpty }

    /// What does not compile.
    var problems: [String] {
        headers.compactMap { header in
            if case .failure(let failure) = header.value { failure.description } else { nil }
        }
    }

    /// Adds the fields of one attempt; a field whose value is left out (`omit()`) is not sent.
    ///
    /// - Returns: the values that hold secrets, and what they may be told as.
    /// - Throws: `RequestBuilder.Refusal` of the class `render`; and what `resolve` throws for a secret.
    func add(
        to lines: inout RequestHeaders, for delivery: DueDelivery,
        resolve: (String) throws(RequestBuilder.Refusal) -> String
    ) throws(RequestBuilder.Refusal) -> [(value: String, redacted: String)] {
        guard !headers.isEmpty else { return [] }
        var revealed: [(value: String, redacted: String)] = []
        do {
            let variables = try EventVariables(delivery.event).activation(needs, delivery: delivery.id)
            for header in headers {
                guard let text = try render(header, variables) else { continue }
                let value = try text.reveal(resolve)
                try add(header.name, value, to: &lines)
                if !text.names.isEmpty { revealed.append((value, text.redacted)) }
            }
            return revealed
        } catch let refusal as RequestBuilder.Refusal {
            throw refusal
        } catch {
            throw RequestBuilder.Refusal(errorClass: "render", message: "\(error)")
        }
    }

    private func render(_ header: Header, _ variables: Activation) throws(ExpressionFailure) -> SecretText? {
        let template = try header.value.get()
        do throws(EvaluationError) {
            return try template.render(variables)
        } catch {
            throw ExpressionFailure("headers.\(header.name)", error, in: template.source)
        }
    }

    /// The error names the field, never the value.
    private func add(_ name: String, _ value: String, to lines: inout RequestHeaders) throws(RequestBuilder
        .Refusal)
    {
        do {
            try lines.add(HeaderName(name), value)
        } catch {
            throw RequestBuilder.Refusal(errorClass: "render", message: "\(error)")
        }
    }
}

extension SubscriptionSpec.Header {
    /// Whether the value is more than its text: an expression, or `$${`, which stands for `${`.
    var isTemplate: Bool { value.contains("${") }
}
