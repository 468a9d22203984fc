import NIOCore

/// Closes a connection on which no request is under way for too long, so that clients that went away without a word, or
/// that never finish what they begin to ask, do not use up the descriptors. Confined to the connection's event loop.
///
/// Whoever reads requests says when one begins and ends, which costs next to nothing. What does not come to be a request
/// counts as nothing; so does a TLS handshake.
final class IdleTimeout {
    private let channel: any Channel
    private let limit: TimeAmount
    private var underWay = 0
    private var wasUsed = false
    private var timer: Scheduled<Void>?

    /// - Parameter limit: closes after once to twice that time.
    init(_ channel: any Channel, limit: TimeAmount) {
        self.channel = channel
        self.limit = limit
        wait()
        let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
        channel.closeFuture.whenComplete { _ in bound.value.timer?.cancel() }
    }

    func requestBegins() { underWay += 1 }

    func requestEnds() {
        underWay -= 1
        wasUsed = true
    }

    private func wait() {
        let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
        timer = channel.eventLoop.scheduleTask(in: limit) { bound.value.look() }
    }

    private func look() {
        guard underWay > 0 || wasUsed else { return channel.close(promise: nil) }
        wasUsed = false
        wait()
    }
}
