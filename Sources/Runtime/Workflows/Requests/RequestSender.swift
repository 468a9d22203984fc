import Logging
import NIOCore
import OutboundHTTP
import Store
import Synchronization
import WorkflowEngine

/// Sends the requests of steps: with the client, the guard and the bounds of deliveries.
final class RequestSender: Sendable {
    private struct State {
        var slots: RequestSlots<StepRequest>
        var isDraining = false
    }

    /// What comes of requests.
    struct Receiver: Sendable {
        let ended: @Sendable (RequestOrder, HTTPOutcome) -> Void
        /// A slot became free; runs whose requests found no room and may come again.
        let hasRoom: @Sendable ([CommitSequence]) -> Void
    }

    private let state: Mutex<State>
    private let client: OutboundClient
    let loops: RequestLoops
    private let secrets: SecretStore
    private let templates = RequestTemplates()
    private let userAgent: String
    private let clock: any WallClock
    private let logger: Logger
    private let receiver = Mutex<Receiver?>(nil)

    init(
        client: OutboundClient, eventLoops: some EventLoopGroup, secrets: SecretStore, userAgent: String,
        limits: RequestSlots<StepRequest>.Limits, clock: any WallClock, logger: Logger
    ) {
        state = Mutex(State(slots: RequestSlots(limits)))
        self.client = client
        loops = RequestLoops(eventLoops)
        self.secrets = secrets
        self.userAgent = userAgent
        self.clock = clock
        self.logger = logger
    }

    func report(to receiver: Receiver) { self.receiver.withLock { $0 = receiver } }

    /// Requests under way.
    var inFlight: Int { state.withLock { $0.slots.inFlight } }

    /// Takes a request; false when its run has to come again.
    func send(_ order: RequestOrder) -> Bool {
        let request: StepRequest
        do throws(StepRequest.Refusal) {
            request = try StepRequest(
                order.plan, secrets: secrets, templates: templates, userAgent: userAgent)
        } catch {
            end(order, .failed(error.type, message: error.message, mayHaveArrived: false))
            return true
        }
        let isTaken = state.withLock {
            $0.slots.add(.init(order: order, request: request, size: request.size), to: request.origin)
        }
        start()
        return isTaken
    }

    /// Nobody waits for a request any more. One that is under way cannot be taken back; its outcome is ignored.
    ///
    /// - Returns: whether it was still waiting, so that nothing will come of it.
    func withdraw(_ run: CommitSequence, _ step: StepAddress) -> Bool {
        state.withLock { $0.slots.withdraw(run, step) }
    }

    /// Starts no further request.
    func drain() { state.withLock { $0.isDraining = true } }

    private func start() {
        let chosen = state.withLock { $0.isDraining ? [] : $0.slots.next() }
        for (origin, item) in chosen {
            let loop = loops.take()
            // Not at once: one that fails right away would start the next one from within.
            loop.execute {
                self.client.execute(item.request.request, on: loop) { outcome in
                    self.loops.giveBack(loop)
                    self.ended(item, origin, outcome)
                }
            }
        }
    }

    private func ended(_ item: RequestSlots<StepRequest>.Item, _ origin: String, _ outcome: OutboundOutcome) {
        // The outcome first: as long as a slot is taken, something is to come.
        end(item.order, item.request.outcome(outcome, now: clock.now()), outcome.timing.total)
        let resumed = state.withLock { $0.slots.finished(origin) }
        receiver.withLock(\.self)?.hasRoom(resumed)
        start()
    }

    private func end(_ order: RequestOrder, _ outcome: HTTPOutcome, _ duration: TimeAmount? = nil) {
        log(order, outcome, duration)
        receiver.withLock(\.self)?.ended(order, outcome)
    }

    /// One wide line for each attempt.
    private func log(_ order: RequestOrder, _ outcome: HTTPOutcome, _ duration: TimeAmount?) {
        var level = Logger.Level.debug
        switch outcome {
        case .answered(let status, _, _, _, _): if status >= 400 { level = .warning }
        case .failed: level = .warning
        }
        guard logger.logLevel <= level else { return }
        var metadata: Logger.Metadata = [
            "run": "\(order.id)", "step": "\(order.step)", "attempt": "\(order.attempt)",
        ]
        if let duration { metadata["total_us"] = "\(duration.microseconds)" }
        switch outcome {
        case .answered(let status, _, _, _, _): metadata["status"] = "\(status)"
        case .failed(let type, let message, _):
            metadata["class"] = "\(type.rawValue)"
            metadata["error"] = "\(message)"
        }
        metadata["key"] = "\(order.plan.idempotencyKey)"
        logger.log(level: level, "workflow request", metadata: metadata)
    }
}
