import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Puts what answers plain requests in front of a server.
struct PlainChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let handler: @Sendable () -> PlainRequestHandler?

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        channel.eventLoop.makeCompletedFuture {
            if let handler = handler() { try channel.pipeline.syncOperations.addHandler(handler) }
        }.flatMap { base.setup(channel: channel, logger: logger) }
    }

    func handle(value: Base.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
