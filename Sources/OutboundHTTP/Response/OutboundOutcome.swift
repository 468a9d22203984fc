package import NIOCore

/// How an exchange ended. A response counts from the moment when its head arrived in time, even if its body
/// did not.
package enum OutboundOutcome: Sendable {
    case response(OutboundResponse)
    case failure(OutboundFailure)

    package var timing: ExchangeTiming {
        switch self {
        case .response(let response): response.timing
        case .failure(let failure): failure.timing
        }
    }
}

/// The answer of a receiver.
package struct OutboundResponse: Sendable {
    package let status: Int
    package let headers: ResponseHeaders
    /// As it was sent, without the transfer coding; `Content-Encoding` says whether it is compressed. At most
    /// the request's `bodyLimit`.
    package let body: ByteBuffer
    /// Why `body` is not all of the body, or `nil` when it is.
    package let truncation: Truncation?
    package let timing: ExchangeTiming
    /// Whether the connection had served an earlier request.
    package let isConnectionReused: Bool
    /// The address that was checked and connected to (the proxy's, where one is used).
    package let remote: RemoteAddress

    package var isTruncated: Bool { truncation != nil }
}

/// Why a captured body ends early.
package enum Truncation: String, Sendable {
    /// The request's `bodyLimit` was reached; the rest was not read.
    case limit
    case deadline
    /// The connection ended in the middle.
    case closed
    /// The framing of the body is not HTTP.
    case malformed
}

/// Why there is no answer.
package struct OutboundFailure: Error, Sendable {
    /// The classes of the delivery log.
    package enum Class: String, Sendable, CaseIterable {
        case dns, connect, tls, timeout, reset, blocked, `protocol`
    }

    package let `class`: Class
    /// For the log: no header values, no query.
    package let message: String
    package let timing: ExchangeTiming
    package let remote: RemoteAddress?
}

/// An address with its port.
package struct RemoteAddress: Hashable, Sendable, CustomStringConvertible {
    package let address: IPAddress
    package let port: Int

    package var description: String {
        switch address {
        case .v4: "\(address):\(port)"
        case .v6: "[\(address)]:\(port)"
        }
    }
}
