/// Whether the value of a secret reference changes when it points elsewhere: by keyed fingerprints, never by the value.
package enum SecretRotation: Sendable, Equatable {
    case rotates
    case stays
    /// No sidecar has read the value that it has now.
    case unknown
    /// The new value cannot be read; says why.
    case unreadable(String)

    /// - Parameters:
    ///   - before: the fingerprint of the value that it has now; nil when none is known.
    ///   - value: what it would have.
    package init(before: String?, value: Result<SecretValue, SecretProblem>, key: [UInt8]) {
        guard let before else {
            self = .unknown
            return
        }
        switch value {
        case .failure(let problem): self = .unreadable(problem.description)
        case .success(let value): self = value.fingerprint(key: key) == before ? .stays : .rotates
        }
    }

    /// The word of the API.
    package var name: String {
        switch self {
        case .rotates: "rotates"
        case .stays: "stays"
        case .unknown: "unknown"
        case .unreadable: "unreadable"
        }
    }

    /// nil for a word of another version.
    package init?(name: String, problem: String?) {
        switch name {
        case "rotates": self = .rotates
        case "stays": self = .stays
        case "unknown": self = .unknown
        case "unreadable": self = .unreadable(problem ?? "no reason given")
        default: return nil
        }
    }
}
