package import NIOCore

/// Where the time of an exchange went. A step that did not take place is `nil`: a reused connection has
/// neither `dns` nor `connect` nor `tls`.
package struct ExchangeTiming: Hashable, Sendable {
    /// Waiting for the addresses of the name.
    package internal(set) var dns: TimeAmount?
    /// Until the TCP connection stood.
    package internal(set) var connect: TimeAmount?
    /// The TLS handshake.
    package internal(set) var tls: TimeAmount?
    /// From the call of `execute` to the first byte of the final answer.
    package internal(set) var firstByte: TimeAmount?
    /// From the call of `execute` to the end.
    package internal(set) var total: TimeAmount = .zero
}

extension TimeAmount {
    /// The time between two readings of the clock, never negative.
    init(from start: NIODeadline, to end: NIODeadline) { self = max(.zero, end - start) }
}
