import OutboundHTTP
import Resources
import Store
import Synchronization

/// A subscription that is live. One object belongs to one configuration, so what it has prepared is never mixed
/// with another's.
final class ActiveSubscription: Named, Sendable {
    let name: String
    let spec: SubscriptionSpec
    /// Tells one that was deleted and made again from the one before.
    let createdAt: UnixTime?
    /// nil when every event that it names is delivered with the standard payload.
    let expressions: SubscriptionExpressions?
    let headers: HeaderTemplates
    /// The prepared head of its requests, with what it was made for: both may be secrets, which change.
    private let prepared = Mutex<(url: String, tls: TLSProfile?, template: RequestTemplate)?>(nil)

    init(name: String, spec: SubscriptionSpec, createdAt: UnixTime? = nil) {
        self.name = name
        self.spec = spec
        self.createdAt = createdAt
        expressions = SubscriptionExpressions(name: name, spec)
        headers = HeaderTemplates(spec)
    }

    /// The secrets without which no request can be made.
    var requiredSecrets: [String] {
        var names = [spec.signing.secretRef]
        if case .secretRef(let name) = spec.target { names.append(name) }
        return names + headers.secrets + (spec.tls?.secrets ?? [])
    }

    /// Whether what is known of the other's receiver holds for this one.
    func hasReceiver(of other: ActiveSubscription) -> Bool {
        self === other || spec.target == other.spec.target && createdAt == other.createdAt
    }

    /// What does not compile; its deliveries fail with the reason.
    var problems: [String] { (expressions?.problems ?? []) + headers.problems }

    /// What an event comes to that the subscription names; nil when the filter is false.
    ///
    /// - Parameters:
    ///   - isForced: the filter is not asked.
    ///   - newID: makes an id for a delivery whose body holds it.
    func delivery(
        of event: EventVariables, isForced: Bool = false, newID: () -> DeliveryID
    ) -> NewDelivery? {
        guard let expressions else { return NewDelivery(subscription: name) }
        return expressions.delivery(of: event, isForced: isForced, newID: newID)
    }

    /// The part of the head that all requests to `url` share.
    ///
    /// - Parameter tls: nil for the identity that all share.
    /// - Throws: `OutboundError`.
    func template(url: String, tls: TLSProfile?, userAgent: String) throws -> RequestTemplate {
        let known = prepared.withLock { known -> RequestTemplate? in
            guard let known, known.url == url, known.tls == tls else { return nil }
            return known.template
        }
        if let known { return known }
        var headers = RequestHeaders()
        for (name, value) in [(HeaderName.contentType, "application/json"), (.userAgent, userAgent)]
        where !spec.headers.contains(where: { $0.name.lowercased() == name.text.lowercased() }) {
            try headers.add(name, value)
        }
        for header in spec.headers where !header.isTemplate {
            try headers.add(HeaderName(header.name), header.value)
        }
        let template = RequestTemplate(target: try OutboundTarget(url, tls: tls), headers: headers)
        prepared.withLock { $0 = (url, tls, template) }
        return template
    }
}
