package import NIOCore

/// An HTTP/1.1 client for webhooks: request in, outcome out. It checks the addresses that it connects to, bounds
/// everything that a receiver may send, keeps connections, and never hops between threads on the way.
///
/// - The caller chooses an event loop for each request; connections belong to one loop.
/// - Redirects are not followed, cookies not kept, HTTP/2 not spoken.
/// - Bodies are declined compressed. A receiver that compresses all the same is not decompressed: what it sent is
///   kept up to the limit, next to its `Content-Encoding`, so that no small answer can become a large one.
/// - A request is sent a second time only where `ConnectionState` says so; a POST only if it surely was not processed,
///   or if the caller declared it repeatable.
///
/// It must be shut down before it is let go.
package final class OutboundClient: Sendable {
    private let group: any EventLoopGroup
    private let lanes: [ObjectIdentifier: Lane]
    private let resolver: any AddressResolver

    /// - Parameters:
    ///   - tls: the identity for targets that bring none.
    ///   - proxy: where all requests go; it is then trusted to guard addresses.
    package init(
        group: any EventLoopGroup, policy: AddressPolicy, tls: TLSProfile,
        limits: ClientLimits = ClientLimits(),
        proxy: OutboundProxy? = nil, resolver: any AddressResolver = SystemResolver()
    ) {
        self.group = group
        self.resolver = resolver
        let settings = ClientSettings(limits: limits, policy: policy, defaultTLS: tls, proxy: proxy)
        let loops = Array(group.makeIterator())
        lanes = Dictionary(
            uniqueKeysWithValues: loops.map { loop in
                (ObjectIdentifier(loop), Lane(loop: loop, settings: settings, resolver: resolver))
            })
    }

    /// Sends a request.
    ///
    /// - Parameters:
    ///   - eventLoop: one of the group's; when called on it, nothing is handed over.
    ///   - completion: called exactly once, on that event loop.
    package func execute(
        _ request: OutboundRequest, on eventLoop: any EventLoop,
        completion: @escaping @Sendable (OutboundOutcome) -> Void
    ) {
        start(request, on: eventLoop, token: nil, completion)
    }

    /// Sends a request on one of the group's event loops.
    ///
    /// - Throws: `CancellationError` when the task is cancelled; what was sent cannot be taken back.
    package func execute(_ request: OutboundRequest) async throws -> OutboundOutcome {
        let loop = group.next()
        let token = CancellationToken()
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                start(request, on: loop, token: token) { continuation.resume(returning: $0) }
            }
        } onCancel: {
            token.cancel()
            let lane = lane(of: loop)
            loop.execute { lane.cancel(token) }
        }
        if case .failure = outcome, token.isCancelled { throw CancellationError() }
        return outcome
    }

    /// Takes no more requests, lets those under way finish, closes idle connections, and after `grace` the
    /// others.
    ///
    /// The client is of no use afterwards; the event loops may be shut down.
    package func shutdown(grace: Duration) async {
        await withTaskGroup { group in
            for lane in lanes.values {
                group.addTask { await lane.shutdown(grace: TimeAmount(grace)) }
            }
        }
        await resolver.shutdown()
    }

    private func start(
        _ request: OutboundRequest, on loop: any EventLoop, token: CancellationToken?,
        _ completion: @escaping Exchange.Completion
    ) {
        let lane = lane(of: loop)
        let started = loop.now
        if loop.inEventLoop {
            return lane.execute(
                Exchange(request: request, started: started, token: token, completion: completion))
        }
        loop.execute {
            lane.execute(Exchange(request: request, started: started, token: token, completion: completion))
        }
    }

    private func lane(of loop: any EventLoop) -> Lane {
        guard let lane = lanes[ObjectIdentifier(loop)] else {
            preconditionFailure("the event loop is not of the client's group")
        }
        return lane
    }
}
