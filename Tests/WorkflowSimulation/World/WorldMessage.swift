import JSON
import Resources
import WorkflowEngine

/// A message or an event in the world's mailbox.
struct WorldMessage {
    enum Target: Hashable {
        case callback(RunID, StepAddress)
        case inbound(String)
        case event(String, record: String)

        /// What a wait listens to.
        init(_ source: WaitRegistration.Source, _ run: RunID, _ step: StepAddress) {
            switch source {
            case .callback: self = .callback(run, step)
            case .inbound(_, let key): self = .inbound(key)
            case .event(let pattern, let record): self = .event(pattern.text, record: record)
            }
        }
    }

    let target: Target
    let message: WaitMessage
    /// Whether a wait that it is for wants it.
    let isWanted: Bool
}

extension ModelWait {
    /// What a message to the wait of a step is sent to.
    func target(_ run: RunID, _ address: StepAddress) -> WorldMessage.Target {
        let key: String
        if case .shared = arrival {
            key = "shared"
        } else {
            key = ([run.text, address.step] + address.iteration.map(String.init)).joined(separator: "/")
        }
        switch source {
        case .callback: return .callback(run, address)
        case .inbound: return .inbound(key)
        case .event: return .event("custom.reply", record: key)
        }
    }
}
