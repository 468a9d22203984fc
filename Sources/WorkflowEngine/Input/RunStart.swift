package import JSON

/// How a run comes into being.
package struct RunStart: Sendable {
    /// Whether it runs at once.
    package enum Disposition: Sendable, Equatable {
        case now
        /// Until a slot is free, and not before the time.
        case queued(notBefore: Moment?)
        /// Recorded and visible, but never run.
        case refused(StepError)
        /// Its trigger, or its conflict with other runs, failed it.
        case failed(StepError)
    }

    /// The step of another run that called this one.
    package struct Parent: Sendable, Hashable {
        package let run: RunID
        package let step: StepAddress
        /// Of the step, so that the end of an earlier attempt's run is not taken for this one's.
        package let attempt: Int

        package init(run: RunID, step: StepAddress, attempt: Int) {
            self.run = run
            self.step = step
            self.attempt = attempt
        }
    }

    /// The run that this one repeats from its failed step.
    package struct Lineage: Sendable, Equatable {
        package let run: RunID
        /// What steps of it that are not repeated left behind; nil outputs for those that were skipped.
        package let outputs: [(step: StepAddress, outputs: JSONObject?)]
        /// Idempotency keys that have to stay, because the outcome of their requests is unknown.
        package let keys: [StepAddress: String]

        package static func == (left: Lineage, right: Lineage) -> Bool {
            left.run == right.run && left.keys == right.keys
                && left.outputs.elementsEqual(right.outputs) {
                    $0.step == $1.step && $0.outputs == $1.outputs
                }
        }
    }

    package let run: RunID
    package let event: TriggerEvent
    package let chain: Chain
    package let disposition: Disposition
    package var parent: Parent?
    package var lineage: Lineage?

    package init(run: RunID, event: TriggerEvent, chain: Chain, disposition: Disposition = .now) {
        self.run = run
        self.event = event
        self.chain = chain
        self.disposition = disposition
    }
}
