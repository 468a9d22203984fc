import NIOCore

/// What answers a request that was not a task; whoever writes it adds `X-Request-Id` and `Date`.
struct DirectAnswer: Sendable {
    let response: APIResponse
    let requestID: String
}

/// A request that a `DirectHandler` gets: of a path without variable parts, without a query, with its whole body.
struct DirectRequest {
    let head: RequestHead
    let body: ByteBuffer
    /// nil for a route that needs no token.
    let caller: Caller?
}

/// Answers a request without a task and without leaving its event loop, which costs a fraction of the usual way. It may
/// decline any request, which then takes that way.
struct DirectHandler: Sendable {
    /// nil declines: nothing was done.
    typealias Completion = @Sendable (Result<APIResponse, any Error>?) -> Void

    /// Called on the event loop of the request; the completion is called once, on the same one,
    /// unless it throws.
    let respond: @Sendable (DirectRequest, any EventLoop, @escaping Completion) throws -> Void
}
