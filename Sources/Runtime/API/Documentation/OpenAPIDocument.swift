import HTTPTypes
import JSON
import Resources

/// `GET /api/v1/openapi.json`: OpenAPI 3.1, made from the routes that the server answers.
struct OpenAPIDocument {
    let version: String
    let routes: [APIRoute]

    var value: JSONValue {
        var paths = JSONObject()
        for route in routes {
            var item = paths[route.path]?.object ?? JSONObject()
            item[route.method.rawValue.lowercased()] = operation(route)
            paths[route.path] = .object(item)
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "zentra-sync", "version": .string(version),
                "description":
                    "Events, deliveries, records and the live configuration. Times are RFC 3339 in UTC; errors are problem details (RFC 9457).",
                "license": ["name": "Proprietary"],
            ],
            "servers": [["url": "/"]],
            "security": [],
            "tags": .array(tags.map { ["name": .string($0)] }),
            "paths": .object(paths),
            "components": [
                "schemas": .object(APISchema.components),
                "securitySchemes": [
                    "token": [
                        "type": "http", "scheme": "bearer",
                        "description": "The value of the secret of an `ApiToken`.",
                    ]
                ],
            ],
        ]
    }

    private var tags: [String] {
        routes.reduce(into: []) { tags, route in
            if !tags.contains(tag(route)) { tags.append(tag(route)) }
        }
    }

    /// The first word of the path behind the version.
    private func tag(_ route: APIRoute) -> String {
        let words = route.path.split(separator: "/").drop { $0 == "api" || $0 == "v1" }
        return words.first.map(String.init) ?? "api"
    }

    private func operation(_ route: APIRoute) -> JSONValue {
        var operation: JSONObject = [
            "operationId": .string(operationID(route)), "summary": .string(route.summary),
            "tags": [.string(tag(route))], "parameters": .array(parameters(route)),
        ]
        let documentation = route.documentation
        if !documentation.request.isEmpty {
            let contents = documentation.request.map { ($0.type, JSONValue.object(["schema": $0.schema])) }
            operation["requestBody"] = ["required": true, "content": .object(JSONObject(contents))]
        }
        operation["responses"] = .object(responses(route))
        if case .scope(let scope) = route.access {
            operation["security"] = [["token": []]]
            operation["description"] = .string("Needs the scope `\(scope.rawValue)`.")
        }
        return .object(operation)
    }

    private func operationID(_ route: APIRoute) -> String {
        let words = route.path.split { "/{}-.".contains($0) }.drop { $0 == "api" || $0 == "v1" }
        return ([route.method.rawValue.lowercased()] + words.map(String.init)).joined(separator: "_")
    }

    private func parameters(_ route: APIRoute) -> [JSONValue] {
        let path = route.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { segment -> JSONValue in
            [
                "name": .string(String(segment.dropFirst().dropLast())), "in": "path", "required": true,
                "schema": APISchema.string,
            ]
        }
        return path
            + route.documentation.parameters.map { parameter in
                [
                    "name": .string(parameter.name), "in": .string(parameter.place.rawValue),
                    "required": false, "description": .string(parameter.doc), "schema": parameter.schema,
                ]
            }
    }

    /// What the route says, and what every route of its kind may answer.
    private func responses(_ route: APIRoute) -> JSONObject {
        var responses = JSONObject()
        for answer in route.documentation.answers {
            var response: JSONObject = ["description": .string(answer.doc)]
            if !answer.headers.isEmpty {
                let headers = answer.headers.map {
                    ($0.rawName, JSONValue.object(["schema": APISchema.string]))
                }
                response["headers"] = .object(JSONObject(headers))
            }
            response["content"] = answer.content.map {
                .object(JSONObject([($0.type, .object(["schema": $0.schema]))]))
            }
            responses[String(answer.status.code)] = .object(response)
        }
        for (status, doc) in commonProblems(route) where responses[status] == nil {
            responses[status] = [
                "description": .string(doc),
                "content": ["application/problem+json": ["schema": APISchema.named("ProblemDetails")]],
            ]
        }
        return responses
    }

    private func commonProblems(_ route: APIRoute) -> [(String, String)] {
        var problems: [(String, String)] = []
        if case .scope = route.access {
            problems += [("401", "There is no valid token."), ("403", "The token does not have the scope.")]
        }
        if route.bodyLimit != nil || route.streamsBody {
            problems += [
                ("400", "The request cannot be parsed."), ("408", "The body did not arrive in time."),
                ("413", "The body is too large."), ("415", "The body is of another type, or compressed."),
            ]
        }
        return problems + [
            ("422", "The request is invalid; the problem names the field."),
            ("503", "Come again after `Retry-After`."), ("default", "Another problem."),
        ]
    }
}

/// `/api/v1/openapi.json`.
struct OpenAPIRoute {
    private static let path = "/api/v1/openapi.json"

    /// - Parameter others: all other routes of the listener.
    static func route(version: String, others: [APIRoute]) -> APIRoute {
        func make(_ handler: @escaping APIRoute.Handler) -> APIRoute {
            APIRoute(.get, path, .open, "This document.", handler: handler)
                .answers(.ok, "OpenAPI 3.1.", APISchema.anyObject)
        }
        let itself = make { _ in .json(.null) }
        let bytes = OpenAPIDocument(version: version, routes: others + [itself]).value.utf8
        return make { _ in APIResponse(.ok, body: bytes, contentType: "application/json") }
    }
}
