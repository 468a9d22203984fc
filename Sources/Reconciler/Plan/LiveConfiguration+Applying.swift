import Store

extension LiveConfiguration {
    /// What is live after a plan was applied, in the order of kinds and names.
    func applying(_ plan: Plan, serial: Int64) -> LiveConfiguration {
        let changes = plan.changes.sorted { ($0.kind, $0.name) < ($1.kind, $1.name) }
        var rest = changes[...]
        var result: [LiveResource] = []
        result.reserveCapacity(resources.count + changes.count)
        for resource in inOrder {
            while let change = rest.first, (change.kind, change.name) < (resource.kind, resource.name) {
                result += [change.live(commit: plan.revision.commit)].compactMap(\.self)
                rest.removeFirst()
            }
            guard let change = rest.first, change.kind == resource.kind, change.name == resource.name else {
                result.append(resource)
                continue
            }
            result += [change.live(commit: plan.revision.commit)].compactMap(\.self)
            rest.removeFirst()
        }
        result += rest.compactMap { $0.live(commit: plan.revision.commit) }
        return LiveConfiguration(serial: serial, resources: result)
    }

    /// The resources in the order of kinds and names, in which a state has them.
    var inOrder: [LiveResource] {
        func isBefore(_ left: LiveResource, _ right: LiveResource) -> Bool {
            (left.kind, left.name) < (right.kind, right.name)
        }
        let isSorted = zip(resources, resources.dropFirst()).allSatisfy(isBefore)
        return isSorted ? resources : resources.sorted(by: isBefore)
    }
}
