import HTTPTypes
package import Resources

/// One route: what the server does and what the documentation says, in one place.
package struct APIRoute: Sendable {
    package typealias Handler = @Sendable (APIRequest) async throws -> APIResponse

    /// Who may call.
    package enum Access: Sendable, Equatable {
        case open
        case scope(Scope)
    }

    let method: HTTPRequest.Method
    /// Absolute, with variable parts in braces: `/api/v1/events/{id}`.
    let path: String
    let access: Access
    /// One sentence for the documentation.
    let summary: String
    /// The largest body in bytes; nil for a route without one.
    let bodyLimit: Int?
    let handler: Handler
    /// Whether the handler reads the body itself, as it arrives.
    var streamsBody = false
    /// Answers a request on its event loop, where the route can.
    var direct: DirectHandler?
    /// What the document says beside that.
    var documentation = APIDocumentation()

    init(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access, _ summary: String,
        bodyLimit: Int? = nil,
        handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.summary = summary
        self.bodyLimit = bodyLimit
        self.handler = handler
    }
}
