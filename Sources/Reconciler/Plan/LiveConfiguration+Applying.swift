import Store

extension LiveConfiguration {
    /// What is live after a plan was applied.
    func applying(_ plan: Plan, serial: Int64) -> LiveConfiguration {
        var changes = Dictionary(plan.changes.map { ($0.id, $0) }) { first, _ in first }
        var resources: [LiveResource] = []
        resources.reserveCapacity(self.resources.count + changes.count)
        for resource in self.resources {
            guard let change = changes.removeValue(forKey: "\(resource.kind)/\(resource.name)") else {
                resources.append(resource)
                continue
            }
            if let changed = change.live(commit: plan.revision.commit) { resources.append(changed) }
        }
        resources += plan.changes.filter { changes[$0.id] != nil }.compactMap {
            $0.live(commit: plan.revision.commit)
        }
        return LiveConfiguration(serial: serial, resources: resources)
    }
}
