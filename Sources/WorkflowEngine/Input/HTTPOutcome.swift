/// What came of an attempt to send a request.
package enum HTTPOutcome: Sendable {
    /// An answer came.
    ///
    /// - headers: by lower-case names.
    /// - body: at most ``RunBounds/response`` bytes.
    /// - isTruncated: there was more of it; the step fails, because an expression would see half of it.
    /// - retryAfter: of the header `Retry-After`, from now.
    case answered(
        status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        isTruncated: Bool = false, retryAfter: Duration? = nil)
    /// None came.
    ///
    /// - mayHaveArrived: whether any of it can have been sent; false keeps `delivery: atMostOnce` from stopping the retry.
    case failed(ErrorType, message: String, mayHaveArrived: Bool)
}
