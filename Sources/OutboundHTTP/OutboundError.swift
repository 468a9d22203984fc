/// Why a request, a target or a configuration cannot be used; it never holds a header's value, userinfo or a
/// query.
package struct OutboundError: Error, Equatable, CustomStringConvertible {
    /// What the caller handed over that is not acceptable.
    package enum Subject: String, Sendable {
        case url, header, network, tls, proxy
    }

    package let subject: Subject
    package let description: String

    /// Control characters of what was written become `?`: the text goes to terminals and logs.
    package init(_ subject: Subject, _ description: String) {
        self.subject = subject
        self.description = String(
            String.UnicodeScalarView(
                description.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }
}
