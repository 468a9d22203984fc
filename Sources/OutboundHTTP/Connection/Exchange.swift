import NIOCore

/// A request on its way through resolution, queue and connection, with whoever waits for the outcome.
///
/// One object, because it goes through many hands, and each copy would count all that it refers to. Confined to its event
/// loop.
final class Exchange {
    typealias Completion = @Sendable (OutboundOutcome) -> Void

    let request: OutboundRequest
    let started: NIODeadline
    let deadline: NIODeadline
    /// Identifies it for cancellation, where somebody might cancel.
    let token: CancellationToken?
    let completion: Completion
    var timing = ExchangeTiming()
    /// The pools of the checked addresses, in the order of preference, and the one it is at.
    var candidates: [TargetPool] = []
    var candidate = 0
    /// It was sent once on a reused connection and not processed.
    var isRepeat = false

    init(
        request: OutboundRequest, started: NIODeadline, token: CancellationToken?,
        completion: @escaping Completion
    ) {
        self.request = request
        self.started = started
        self.deadline = started + request.timeout
        self.token = token
        self.completion = completion
    }

    /// Reports that there is no answer.
    func fail(
        _ kind: OutboundFailure.Class, _ message: String, remote: RemoteAddress? = nil,
        now: NIODeadline
    ) {
        var timing = timing
        timing.total = TimeAmount(from: started, to: now)
        completion(.failure(OutboundFailure(class: kind, message: message, timing: timing, remote: remote)))
    }
}

extension Exchange: PoolWaiter {
    var needsFreshConnection: Bool { isRepeat }
}
