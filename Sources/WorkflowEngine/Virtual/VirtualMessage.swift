internal import Resources

/// A message in the mailbox of a virtual shell.
package struct VirtualMessage: Sendable {
    package enum Target: Sendable, Hashable {
        case endpoint(String, key: String)
        case callback(RunID, StepAddress)
        case event(type: String, record: String)
    }

    package let target: Target
    package let message: WaitMessage

    /// Whether a wait of a run may want it; `match` is another question.
    func fits(_ wait: WaitRegistration, of run: RunID, _ step: StepAddress) -> Bool {
        switch (wait.source, target) {
        case (.inbound(let endpoint, let key), .endpoint(let name, let own)): endpoint == name && key == own
        case (.callback, .callback(let target, let address)): target == run && address == step
        case (.event(let pattern, let record), .event(let type, let own)):
            pattern.matches(type) && record == own
        default: false
        }
    }
}
