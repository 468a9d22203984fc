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
    ///   - idleTimeout: a connection on which nothing is asked is closed after once to twice that time.
    ///   - plain: makes what sees a connection's bytes before anything reads them; nil when nothing has to.
    ///   - handler: makes what sees a connection's requests before the server does; nil when nothing has to.
    static func http1(
        tls context: (@Sendable () -> NIOSSLContext)?,
        idleTimeout: TimeAmount = .seconds(75),
        plain: @escaping @Sendable (IdleTimeout) -> PlainRequestHandler? = { _ in nil },
        handler: @escaping @Sendable () -> DirectRequestHandler? = { nil }
    ) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            let base = GuardedChannel(
                responder: responder, idleTimeout: idleTimeout, plain: plain, handler: handler)
            guard let context else { return base }
            return TLSChannel(base: base, context: context)
        }
    }
}
