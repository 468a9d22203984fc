import Store

extension LiveConfiguration {
    /// What is live after a plan was applied.
    func applying(_ plan: Plan, serial: Int64) -> LiveConfiguration {
        applying(
            plan.changes.map { change in
                (
                    ConfigurationChange.Name(kind: change.kind, name: change.name),
                    change.live(commit: plan.revision.commit)
                )
            }, serial: serial)
    }
}
