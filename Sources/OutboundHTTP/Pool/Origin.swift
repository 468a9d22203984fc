import NIOCore

/// A host and port with the addresses that were resolved and checked for it. Confined to its event loop.
final class Origin {
    enum Resolution {
        case unresolved, resolving
        /// In the order of preference.
        case resolved([TargetPool], until: NIODeadline)
    }

    let key: OriginKey
    var resolution = Resolution.unresolved
    /// Who waits for the resolver.
    var waiting: [Exchange] = []
    /// Counts lookups, so that a late answer to one that was given up is not taken for the current one's.
    var lookup = 0
    var timer: LazyTimer?
    var lastUsed: NIODeadline
    private let loop: any EventLoop

    init(key: OriginKey, loop: any EventLoop) {
        self.key = key
        self.loop = loop
        lastUsed = loop.now
    }

    var pools: [TargetPool] {
        if case .resolved(let pools, _) = resolution { pools } else { [] }
    }

    func failWaiting(_ kind: OutboundFailure.Class, _ message: String, where isUnwanted: (Exchange) -> Bool) {
        for exchange in removeWaiting(where: isUnwanted) { exchange.fail(kind, message, now: loop.now) }
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
        let now = loop.now
        for exchange in removeWaiting(where: { $0.deadline <= now }) {
            exchange.fail(.timeout, "the deadline passed while the name was resolved", now: now)
        }
        return waiting.map(\.deadline).min()
    }

    private func removeWaiting(where isUnwanted: (Exchange) -> Bool) -> [Exchange] {
        let unwanted = waiting.filter(isUnwanted)
        if !unwanted.isEmpty { waiting.removeAll(where: isUnwanted) }
        return unwanted
    }
}
