import OutboundHTTP
import Synchronization

/// What requests to a URL have in common, kept for the URLs that come again. None of them holds a secret.
final class RequestTemplates: Sendable {
    private struct Key: Hashable {
        let method: String
        let url: String
    }

    private let known = Mutex<[Key: RequestTemplate]>([:])

    /// URLs that are kept; then it begins anew, because many have an id in them and never come again.
    private static let limit = 256

    /// - Parameter isSecret: whether the URL holds a secret, which must not stay in memory.
    /// - Throws: `OutboundError`.
    func template(_ method: String, _ url: String, isSecret: Bool) throws -> RequestTemplate {
        let key = Key(method: method, url: url)
        if !isSecret, let template = known.withLock({ $0[key] }) { return template }
        let template = RequestTemplate(method: try HTTPMethod(method), target: try OutboundTarget(url))
        guard !isSecret else { return template }
        known.withLock { known in
            if known.count >= Self.limit { known = [:] }
            known[key] = template
        }
        return template
    }
}
