import HTTPTypes
import Hummingbird
import OutboundHTTP

/// Answers requests for other names than this machine's own with 421 (RFC 9110, section 15.5.20).
struct HostGuard<Next: HTTPResponder<ServerContext>>: HTTPResponder {
    let isOn: Bool
    let next: Next

    func respond(to request: Request, context: ServerContext) async throws -> Response {
        guard isOn, !Self.isLocal(request.head.authority ?? "") else {
            return try await next.respond(to: request, context: context)
        }
        let id = RequestID.next()
        let problem = Problem(
            .misdirectedRequest, "misdirected", "Misdirected request",
            "this listener is on loopback and answers to an address or `localhost` in `Host`")
        return Response(.problem(problem, requestID: id), requestID: id)
    }

    /// Whether an authority, `host[:port]`, names an address or `localhost`.
    static func isLocal(_ authority: String) -> Bool {
        var host = authority[...]
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return false }
            return IPAddress(String(host[host.index(after: host.startIndex)..<end])) != nil
        }
        if let colon = host.lastIndex(of: ":") { host = host[..<colon] }
        return host.lowercased() == "localhost" || IPAddress(String(host)) != nil
    }
}
