/// Why a request, a target or a configuration cannot be used; it never holds a header's value, userinfo or a
/// query.
package struct OutboundError: Error, Equatable, CustomStringConvertible {
    /// What the caller handed over that is not acceptable.
    package enum Subject: String, Sendable {
        case url, header, network, tls, proxy
    }

    package let subject: Subject
    package let description: String
    /// The same without a piece of what was written, for a URL that is a secret: in one that is malformed, any piece may
    /// be the part that nobody may see.
    package let discreet: String

    /// Control characters of what was written become `?`: the text goes to terminals and logs.
    ///
    /// - Parameter discreet: where the description quotes a piece of what was written.
    package init(_ subject: Subject, _ description: String, discreet: String? = nil) {
        self.subject = subject
        self.discreet = discreet ?? description
        self.description = String(
            String.UnicodeScalarView(
                description.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }
}
