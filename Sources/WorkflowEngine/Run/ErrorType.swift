/// What kind of error it was: `error.type` of expressions.
///
/// An open set: a later release may know more of them.
package struct ErrorType: RawRepresentable, Sendable, Hashable {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    /// An answer that is none of the expected ones.
    package static let http = ErrorType(rawValue: "http")
    /// No connection, or it broke.
    package static let network = ErrorType(rawValue: "network")
    /// No answer, no message, no end in time.
    package static let timeout = ErrorType(rawValue: "timeout")
    /// The address guard stood against the request.
    package static let blocked = ErrorType(rawValue: "blocked")
    /// A secret that the request needs has no value.
    package static let secret = ErrorType(rawValue: "secret")
    /// The request may have arrived, and `delivery: atMostOnce` forbids to send it again.
    package static let unknownOutcome = ErrorType(rawValue: "unknownOutcome")
    /// An expression has no result.
    package static let expression = ErrorType(rawValue: "expression")
    /// There is no such record, workflow, or whatever was named.
    package static let notFound = ErrorType(rawValue: "notFound")
    /// More than one record matches.
    package static let ambiguous = ErrorType(rawValue: "ambiguous")
    /// The rules of the record, or the inputs of the workflow, do not allow it.
    package static let invalid = ErrorType(rawValue: "invalid")
    /// A step `fail`.
    package static let fail = ErrorType(rawValue: "fail")
    /// The run that a step called did not succeed.
    package static let call = ErrorType(rawValue: "call")
    /// One of the bounds of a run.
    package static let limit = ErrorType(rawValue: "limit")
    /// Too many runs with the same concurrency key, under `onConflict: fail`.
    package static let concurrency = ErrorType(rawValue: "concurrency")
    /// Loop protection.
    package static let loop = ErrorType(rawValue: "loop")
    /// There is no public URL that a callback could have.
    package static let noPublicURL = ErrorType(rawValue: "noPublicURL")
    package static let cancelled = ErrorType(rawValue: "cancelled")
}
