import Expressions
import JSON
import WorkflowEngine

/// The other side of the requests: it sees what arrives, whatever becomes of the process.
struct Network {
    /// What it knows of the requests of a step.
    struct Received {
        let key: String
        let text: String
        var last: Outcome
    }

    /// What the run knows of its last request.
    enum Outcome { case open, answered, neverArrived, unknown }

    private struct Sender: Hashable {
        let run: RunID
        let step: StepAddress
    }

    private var received: [Sender: Received] = [:]
    private var keys: [String: Sender] = [:]

    /// Every attempt of a step is the same request with the same key; no two steps have the same key, unless one repeats
    /// another whose outcome is unknown; and after an unknown outcome, at most once means not again.
    mutating func receive(_ plan: RequestPlan, of run: WorldRun, _ step: StepAddress) throws(Finding) {
        let sender = Sender(run: run.id, step: step)
        let text = plan.json.text
        if let known = received[sender] {
            try require(known.key == plan.idempotencyKey, "\(step) sent two keys")
            try require(known.text == text, "\(step) sent two different requests: \(known.text) and \(text)")
            if plan.isAtMostOnce {
                try require(
                    known.last == .answered || known.last == .neverArrived,
                    "\(step) was sent again, and may have arrived before")
            }
            received[sender]?.last = .open
            return
        }
        if let kept = run.start.lineage?.keys[step] {
            try require(kept == plan.idempotencyKey, "\(step) does not keep the key of an unknown outcome")
        } else {
            try require(keys[plan.idempotencyKey] == nil, "\(step) has the key of another step")
        }
        let names = plan.headers.filter { $0.name == "Idempotency-Key" }.map(\.value.redacted)
        try require(
            names == (plan.method == "GET" ? [] : [plan.idempotencyKey]), "\(step) has the wrong headers")
        keys[plan.idempotencyKey] = sender
        received[sender] = Received(key: plan.idempotencyKey, text: text, last: .open)
    }

    /// A run has written down what came of its last request.
    mutating func recorded(_ run: RunID, _ step: StepAddress, _ outcome: Outcome) {
        received[Sender(run: run, step: step)]?.last = outcome
    }

    func last(_ run: RunID, _ step: StepAddress) -> Outcome? {
        received[Sender(run: run, step: step)]?.last
    }

    /// The key of the requests of a step; nil when none arrived.
    func key(_ run: RunID, _ step: StepAddress) -> String? { received[Sender(run: run, step: step)]?.key }
}

/// A request that is under way.
struct Exchange {
    let run: WorldRun
    let step: StepAddress
    let attempt: Int
    let answer: ModelRequest.Answer
    let outcome: HTTPOutcome
    let due: Moment
}

extension Network.Outcome {
    init(_ outcome: HTTPOutcome) {
        switch outcome {
        case .answered: self = .answered
        case .failed(_, _, let mayHaveArrived): self = mayHaveArrived ? .unknown : .neverArrived
        }
    }
}

extension HTTPOutcome {
    init(_ answer: ModelRequest.Answer, attempt: Int) {
        switch answer {
        case .status(let status, let retryAfter):
            self = .answered(
                status: status, headers: [("content-type", "application/json")],
                body: Array("{\"n\": \(attempt)}".utf8), retryAfter: retryAfter.map { .seconds($0) })
        case .reset: self = .failed(.network, message: "reset", mayHaveArrived: true)
        case .refused: self = .failed(.network, message: "refused", mayHaveArrived: false)
        case .late: self = .failed(.timeout, message: "no answer", mayHaveArrived: true)
        }
    }
}
