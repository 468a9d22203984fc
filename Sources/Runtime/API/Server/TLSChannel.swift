import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOSSL

/// Puts TLS in front of a connection, with the certificate that the listener has at that moment.
struct TLSChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let context: @Sendable () -> NIOSSLContext

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context()))
        }.flatMap { base.setup(channel: channel, logger: logger) }
    }

    func handle(value: Base.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}

extension HTTPServerBuilder {
    /// HTTP/1.1, over TLS where there is a context.
    ///
    /// - Parameters:
    ///   - plain: makes what sees a connection's bytes before anything reads them; nil when nothing has to.
    ///   - handler: makes what sees a connection's requests before the server does; nil when nothing has to.
    static func http1(
        tls context: (@Sendable () -> NIOSSLContext)?,
        plain: @escaping @Sendable () -> PlainRequestHandler? = { nil },
        handler: @escaping @Sendable () -> DirectRequestHandler? = { nil }
    ) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            let server = GuardedChannel(responder: responder, handler: handler)
            let base = PlainChannel(base: server, handler: plain)
            guard let context else { return base }
            return TLSChannel(base: base, context: context)
        }
    }
}
