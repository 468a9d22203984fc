import Synchronization

/// Lets a caller withdraw an exchange, also before it has reached its event loop.
final class CancellationToken: Sendable {
    private let flag = Atomic(false)

    var isCancelled: Bool { flag.load(ordering: .acquiring) }

    func cancel() { flag.store(true, ordering: .releasing) }
}
