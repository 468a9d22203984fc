/// A type as the checker knows it.
package indirect enum CELType: Sendable, Hashable {
    case null, bool, int, uint, double, string, bytes, timestamp, duration
    /// Any value; operations on it are resolved when the program runs.
    case dyn
    /// A value that must not be looked at; see `SecretText`.
    case secret
    case list(CELType)
    case map(CELType, CELType)
    /// A map with declared fields.
    case record(RecordType)
    case optional(CELType)
    /// The type of a type; nil when it does not matter of which.
    case type(CELType?)
    /// A value of the type, or null.
    case wrapper(CELType)
    /// A type parameter of a signature.
    case parameter(String)
    /// A type that only declared functions know.
    case abstract(String, [CELType])

    /// What a node with an error has; it goes with everything, so that one mistake is reported once.
    case error
}

extension CELType {
    /// True when the type is a secret or holds one.
    var containsSecret: Bool {
        switch self {
        case .secret: true
        case .list(let element), .optional(let element), .wrapper(let element): element.containsSecret
        case .map(let key, let value): key.containsSecret || value.containsSecret
        case .record(let record): record.fields.contains { $0.type.containsSecret }
        case .abstract(_, let parameters): parameters.contains(where: \.containsSecret)
        default: false
        }
    }

    /// A nullable type: the type itself for those that hold null anyway.
    package var orNull: CELType {
        switch self {
        case .null, .dyn, .wrapper: self
        default: .wrapper(self)
        }
    }

    var isDyn: Bool {
        switch self {
        case .dyn, .error: true
        default: false
        }
    }
}
