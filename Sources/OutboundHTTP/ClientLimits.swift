import NIOCore

/// The bounds of a client. Those of connections hold for each event loop.
package struct ClientLimits: Sendable, Hashable {
    /// Connections to one address with one TLS identity; more requests wait.
    package var maxConnectionsPerTarget: Int = 64
    /// Connections in all; beyond it idle ones are closed.
    package var maxOpenConnections: Int = 1024
    /// Requests that wait for a connection, or for a name to be resolved; more fail at once with class
    /// `connect` or `dns`.
    package var maxWaitingPerTarget: Int = 4096
    /// How long an unused connection is kept, unless the receiver announces a shorter time.
    package var idleTimeout: Duration = .seconds(30)
    /// TCP and TLS handshake together, for all addresses of a name.
    package var connectTimeout: Duration = .seconds(5)
    /// Waiting for the resolver.
    package var resolveTimeout: Duration = .seconds(5)
    /// How long checked addresses are used before the name is resolved again. They are checked again with
    /// every new connection in any case.
    package var resolutionLifetime: Duration = .seconds(5)
    /// Status lines, fields and trailers of one answer, informational ones included.
    package var maxHeadBytes: Int = 32 * 1024
    package var maxHeadFields: Int = 100

    package init() {}
}
