import OutboundHTTP
import Resources
import Store
import Synchronization

/// A subscription that is live. One object belongs to one configuration, so what it has prepared is never mixed
/// with another's.
final class ActiveSubscription: Sendable {
    let name: String
    let spec: SubscriptionSpec
    /// The prepared head of its requests, with the URL that it was made for: one that is a secret may change.
    private let prepared = Mutex<(url: String, template: RequestTemplate)?>(nil)

    init(name: String, spec: SubscriptionSpec) {
        self.name = name
        self.spec = spec
    }

    /// The secrets without which no request can be made.
    var requiredSecrets: [String] {
        var names = [spec.signing.secretRef]
        if case .secretRef(let name) = spec.target { names.append(name) }
        return names
    }

    /// What the event means for this subscription; nil when it does not match.
    func delivery(of event: NewEvent) -> NewDelivery? {
        spec.matches(event.type) ? NewDelivery(subscription: name) : nil
    }

    /// The part of the head that all requests to `url` share.
    ///
    /// - Throws: `OutboundError`.
    func template(url: String, userAgent: String) throws -> RequestTemplate {
        if let known = prepared.withLock({ $0 }), known.url == url { return known.template }
        var headers = RequestHeaders()
        try headers.add(.contentType, "application/json")
        try headers.add(.userAgent, userAgent)
        for header in spec.headers { try headers.add(HeaderName(header.name), header.value) }
        let template = RequestTemplate(target: try OutboundTarget(url), headers: headers)
        prepared.withLock { $0 = (url, template) }
        return template
    }
}
