import NIOCore

/// Where the time of an exchange went. A step that did not take place is `nil`: a reused connection has
/// neither `dns` nor `connect` nor `tls`.
package struct ExchangeTiming: Hashable, Sendable {
    /// Waiting for the addresses of the name.
    package internal(set) var dns: Duration?
    /// Until the TCP connection stood.
    package internal(set) var connect: Duration?
    /// The TLS handshake.
    package internal(set) var tls: Duration?
    /// From the call of `execute` to the first byte of the final answer.
    package internal(set) var firstByte: Duration?
    /// From the call of `execute` to the end.
    package internal(set) var total: Duration = .zero
}

extension Duration {
    /// The time between two readings of the clock, never negative.
    init(from start: NIODeadline, to end: NIODeadline) {
        self = .nanoseconds(max(0, (end - start).nanoseconds))
    }
}
