import Synchronization

/// The memory that messages may take while they are received. Beyond it senders are asked to come again.
final class IntakeBudget: Sendable {
    private let used = Mutex(0)
    private let limit: Int

    /// - Parameter limit: in bytes, over all requests.
    init(limit: Int = 128 << 20) { self.limit = limit }

    /// Runs the body with so many bytes reserved.
    ///
    /// - Throws: `Problem` 503 when they are not to be had.
    func reserving<Result>(_ bytes: Int, _ body: () async throws -> Result) async throws -> Result {
        let isGranted = used.withLock { used in
            // One message alone is always taken, however large its endpoint allows it to be.
            guard used == 0 || used + bytes <= limit else { return false }
            used += bytes
            return true
        }
        guard isGranted else { throw Problem.unavailable("too many messages are being received") }
        defer { used.withLock { $0 -= bytes } }
        return try await body()
    }
}
