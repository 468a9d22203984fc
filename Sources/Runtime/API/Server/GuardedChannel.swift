import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// A connection of HTTP/1.1 as the server handles it, behind a `RequestGuard`.
struct GuardedChannel: HTTPChannelHandler {
    typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    let responder: Responder
    /// A connection on which nothing is asked is closed after once to twice that time.
    let idleTimeout: TimeAmount
    /// Makes what sees a connection's bytes before anything reads them.
    let plain: @Sendable (IdleTimeout) -> PlainRequestHandler?
    /// Makes what sees requests before the server does.
    let handler: @Sendable () -> DirectRequestHandler?

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            let idle = IdleTimeout(channel, limit: idleTimeout)
            if let plain = plain(idle) {
                try channel.syncOptions?.setOption(.autoRead, value: false)
                try pipeline.addHandler(plain)
            }
            let decoder = RequestDecoder()
            try pipeline.addHandlers(
                HTTPResponseEncoder(), ByteToMessageHandler(decoder), RequestGuard(decoder, idle: idle),
                HTTP1ToHTTPServerCodec(secure: false))
            if let handler = handler() { try pipeline.addHandler(handler) }
            try pipeline.addHandler(HTTPConnectionStateHandler(logger: logger))
            return try NIOAsyncChannel(
                wrappingChannelSynchronously: channel,
                configuration: .init(isOutboundHalfClosureEnabled: true))
        }
    }

    func handle(value: Value, logger: Logger) async { await handleHTTP(asyncChannel: value, logger: logger) }
}
