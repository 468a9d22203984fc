internal import JSON

extension SubscriptionSpec: SpecDecodable {
    init(_ spec: SpecReader) throws(SpecError) {
        if let url = try spec.optionalString("targetURL") {
            target = .url(url)
        } else {
            target = .secretRef(try spec.object("targetURLFrom").string("secretRef"))
        }
        events = try spec.strings("events").map { EventPattern($0) }
        filter = try spec.optionalString("filter")
        signing = try Signing(spec.object("signing"))
        headers = try Self.headers(spec)
        body = spec.members["body"]
        let retry = try spec.object("retry")
        self.retry = try RetryPolicy(retry)
        retryStatus = Set(try retry.array("retryStatus").compactMap(\.int))
        timeout = try spec.duration("timeout")
        maxInFlight = try spec.int("maxInFlight")
        maxPending = try spec.int("maxPending")
        rateLimit = try spec.optionalRate("rateLimit")
        order = try spec.string("order") == "perKey" ? .perKey(spec.string("orderKey")) : .none
        let isOff = spec.members["circuitBreaker"]?.bool == false
        circuitBreaker = isOff ? nil : try CircuitBreaker(spec.object("circuitBreaker"))
        deliveryLog = try DeliveryLog(spec.object("deliveryLog"))
        tls = try spec.optionalObject("tls").map { (tls) throws(SpecError) in try TLS(tls) }
        suspend = try spec.bool("suspend")
    }

    private static func headers(_ spec: SpecReader) throws(SpecError) -> [Header] {
        try (spec.members["headers"]?.object ?? [:]).map { (name, value) throws(SpecError) in
            guard let text = value.string else { throw SpecError("the header `\(name)` is not a string") }
            return Header(name: name, value: text)
        }
    }
}

extension SubscriptionSpec.Signing {
    init(_ signing: SpecReader) throws(SpecError) {
        secretRef = try signing.string("secretRef")
        previousSecretRef = try signing.optionalString("previousSecretRef")
        scheme = try signing.enumeration("scheme")
    }
}

extension SubscriptionSpec.CircuitBreaker {
    init(_ breaker: SpecReader) throws(SpecError) {
        failureRate = try breaker.double("failureRate")
        minimum = try breaker.int("minimum")
        window = try breaker.duration("window")
        cooldown = try breaker.duration("cooldown")
    }
}

extension SubscriptionSpec.DeliveryLog {
    init(_ log: SpecReader) throws(SpecError) {
        keep = try log.int("keep")
        bodyLimit = try log.byteCount("bodyLimit")
    }
}

extension SubscriptionSpec.TLS {
    init(_ tls: SpecReader) throws(SpecError) {
        caRef = try tls.optionalString("caRef")
        clientCertificateRef = try tls.optionalString("clientCertificateRef")
        clientKeyRef = try tls.optionalString("clientKeyRef")
    }
}
