import NIOCore

/// A host and port with the addresses that were resolved and checked for it. Confined to its event loop.
final class Origin {
    enum Resolution {
        case unresolved
        case resolving(waiting: [Exchange])
        /// In the order of preference.
        case resolved([TargetPool], until: NIODeadline)
    }

    let key: OriginKey
    var resolution = Resolution.unresolved
    /// Counts lookups, so that a late answer to one that was given up is not taken for the current one's.
    var lookup = 0
    var timer: LazyTimer?
    var lastUsed = NIODeadline.now()

    init(key: OriginKey) { self.key = key }

    var isResolving: Bool {
        if case .resolving(let waiting) = resolution { !waiting.isEmpty } else { false }
    }

    var pools: [TargetPool] {
        if case .resolved(let pools, _) = resolution { pools } else { [] }
    }

    func failWaiting(_ kind: OutboundFailure.Class, _ message: String, where isUnwanted: (Exchange) -> Bool) {
        guard case .resolving(let waiting) = resolution else { return }
        resolution = .resolving(waiting: waiting.filter { !isUnwanted($0) })
        for exchange in waiting where isUnwanted(exchange) { exchange.fail(kind, message) }
    }

    /// Puts an address that cannot be reached behind the others.
    func demote(_ pool: TargetPool) {
        guard case .resolved(var pools, let until) = resolution, pools.count > 1,
            let index = pools.firstIndex(where: { $0 === pool })
        else { return }
        pools.append(pools.remove(at: index))
        resolution = .resolved(pools, until: until)
    }

    /// Fails those whose deadline has passed; returns the next deadline.
    func expireWaiting() -> NIODeadline? {
        guard case .resolving(let waiting) = resolution else { return nil }
        let now = NIODeadline.now()
        let left = waiting.filter { $0.deadline > now }
        resolution = .resolving(waiting: left)
        for exchange in waiting where exchange.deadline <= now {
            exchange.fail(.timeout, "the deadline passed while the name was resolved", now: now)
        }
        return left.map(\.deadline).min()
    }
}
