import OutboundHTTP
import Resources
import Store

/// What an attempt's result means for its delivery: the table of answers of a subscription.
struct Verdict {
    let transition: DeliveryTransition
    /// `status` or the class of a failure; nil when delivered.
    let errorClass: String?
    let message: String?
    /// What the result says about the receiver; nil when it says nothing, because no request was made.
    let report: CircuitBreaker.Report?

    /// - Parameters:
    ///   - number: the attempt of the current retry budget, counted from 1.
    ///   - random: from 0 up to 1, for the jitter; made for a retry only.
    init(
        _ result: AttemptResult, number: Int, _ subscription: ActiveSubscription, now: UnixTime,
        random: @autoclosure () -> Double
    ) {
        switch result {
        case .answered(let status, let retryAfter):
            if 200..<300 ~= status {
                (transition, errorClass, message, report) = (.delivered, nil, nil, .success)
                return
            }
            let spec = subscription.spec
            errorClass = "status"
            message = "the receiver answered \(status)"
            let isFinal = 400..<500 ~= status && (status == 410 || !spec.retryStatus.contains(status))
            report = status == 410 ? .gone : isFinal ? .success : .failure
            transition =
                isFinal
                ? .failed : Self.retry(number, spec, retryAfter: retryAfter, now: now, random: random())
        case .failed(let errorClass, let message):
            report = ["render", "secret"].contains(errorClass) ? nil : .failure
            self.errorClass = errorClass
            self.message = message
            transition = Self.retry(number, subscription.spec, retryAfter: nil, now: now, random: random())
        }
    }

    private static func retry(
        _ number: Int, _ spec: SubscriptionSpec, retryAfter: Duration?, now: UnixTime, random: Double
    ) -> DeliveryTransition {
        guard number < spec.retry.maxAttempts else { return .exhausted }
        let backoff = Backoff.delay(after: number, spec.retry, retryAfter: retryAfter, random: random)
        return .retry(at: now + backoff, backoff: backoff)
    }
}

/// What came of one attempt, as far as the verdict needs it.
enum AttemptResult: Equatable {
    case answered(status: Int, retryAfter: Duration?)
    case failed(errorClass: String, message: String)
}

extension AttemptResult {
    init(_ outcome: OutboundOutcome, now: UnixTime) {
        switch outcome {
        case .response(let response):
            let retryAfter =
                200..<300 ~= response.status ? nil : RetryAfter.asked(by: response.headers, now: now)
            self = .answered(status: response.status, retryAfter: retryAfter)
        case .failure(let failure):
            self = .failed(errorClass: failure.class.rawValue, message: failure.message)
        }
    }
}

extension DeliveryTransition {
    var outcome: Attempt.Outcome {
        switch self {
        case .delivered: .delivered
        case .failed: .failed
        case .exhausted: .exhausted
        case .retry: .retry
        }
    }
}
