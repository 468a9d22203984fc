package import JSON

/// What came of a record operation.
package enum RecordResult: Sendable {
    /// The record as it now is, and whether the operation made it. Of `find` it is the one that matches.
    case record(JSONObject, isNew: Bool)
    /// `find` has found nothing.
    case nothing
    /// `notFound`, `ambiguous` or `invalid`: the step fails.
    case failed(ErrorType, message: String)
}
