import Store
import Synchronization

/// The keys of requests that are being worked on, for work that is more than one transaction.
final class RunningKeys: Sendable {
    private let keys = Mutex<Set<IdempotencyKey>>([])

    /// Runs the body unless another request with the key is under way.
    ///
    /// - Throws: `Problem` 409 then.
    func alone<Result>(_ key: IdempotencyKey, _ body: () async throws -> Result) async throws -> Result {
        guard keys.withLock({ $0.insert(key).inserted }) else {
            throw Problem.conflict("a request with this `Idempotency-Key` is under way")
        }
        defer { _ = keys.withLock { $0.remove(key) } }
        return try await body()
    }
}
