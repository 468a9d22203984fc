import HTTPTypes
import JSON
import Resources

/// What the documentation says about a route beside its path and summary.
struct APIDocumentation: Sendable {
    struct Parameter: Sendable {
        enum Place: String, Sendable { case query, header, path }

        let name: String
        let place: Place
        let schema: JSONValue
        let doc: String
    }

    struct Content: Sendable {
        let type: String
        let schema: JSONValue
    }

    struct Answer: Sendable {
        let status: HTTPResponse.Status
        let doc: String
        let content: Content?
        let headers: [HTTPField.Name]
    }

    var parameters: [Parameter] = []
    /// The forms in which a body is accepted; empty for a route without one.
    var request: [Content] = []
    var answers: [Answer] = []
}

extension APIRoute {
    /// A query parameter of a list or a request.
    func query(_ name: String, _ schema: JSONValue, _ doc: String) -> APIRoute {
        documented { $0.parameters.append(.init(name: name, place: .query, schema: schema, doc: doc)) }
    }

    func header(_ name: HTTPField.Name, _ doc: String) -> APIRoute {
        documented {
            $0.parameters.append(
                .init(name: name.rawName, place: .header, schema: APISchema.string, doc: doc))
        }
    }

    /// The body that is expected.
    func accepts(_ schema: JSONValue, as type: String = "application/json") -> APIRoute {
        documented { $0.request.append(.init(type: type, schema: schema)) }
    }

    /// An answer with a body of JSON, or of another type.
    func answers(
        _ status: HTTPResponse.Status, _ doc: String, _ schema: JSONValue,
        as type: String = "application/json",
        headers: [HTTPField.Name] = []
    ) -> APIRoute {
        answers(status, doc, .init(type: type, schema: schema), headers)
    }

    /// Errors that are special to this route.
    func problems(_ problems: (HTTPResponse.Status, String)...) -> APIRoute {
        problems.reduce(self) { route, problem in
            route.answers(
                problem.0, problem.1,
                .init(type: "application/problem+json", schema: APISchema.named("ProblemDetails")), [])
        }
    }

    /// A page of items, newest first, with the parameters of lists.
    func lists(_ item: JSONValue) -> APIRoute {
        query("limit", APISchema.integer(1...ListParameters.maximumLimit), "How many items; 50 unless given.")
            .query("cursor", APISchema.string, "The `nextCursor` of the page before.")
            .answers(.ok, "A page, newest first.", APISchema.page(of: item))
    }

    private func answers(
        _ status: HTTPResponse.Status, _ doc: String, _ content: APIDocumentation.Content?,
        _ headers: [HTTPField.Name]
    ) -> APIRoute {
        documented { $0.answers.append(.init(status: status, doc: doc, content: content, headers: headers)) }
    }

    private func documented(_ change: (inout APIDocumentation) -> Void) -> APIRoute {
        var copy = self
        change(&copy.documentation)
        return copy
    }
}

extension APIRoute {
    /// Refuses what a caller with a token asks for and the document does not know: a filter with a slip in its name would
    /// otherwise be none. Routes that others shape, such as those of webhooks, take any query.
    ///
    /// - Throws: `Problem` 422.
    func check(_ query: [(name: String, value: String)]) throws(Problem) {
        guard case .scope = access else { return }
        let known = documentation.parameters.filter { $0.place == .query }.map(\.name)
        guard let unknown = query.first(where: { !known.contains($0.name) })?.name else { return }
        let meant = Suggestion.nearest(to: unknown, in: known).map { "; did you mean `\($0)`?" } ?? ""
        throw Problem.invalid("`\(unknown)` is not a parameter of this route\(meant)", pointer: "/\(unknown)")
    }
}
