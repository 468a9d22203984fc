import Synchronization

/// A child process that is started ahead, so that a fetch does not wait until the program is loaded.
///
/// It knows nothing before it is used: request, limits and lock come then, and credentials are read then. Each takes one
/// request; the next one is another process.
final class SpareChild: Sendable {
    private let child = Mutex<StartedChild?>(nil)

    /// Starts one unless there is one. When that does not work there is none: the next fetch starts one itself, and says why
    /// it cannot.
    func makeReady(_ command: GitChildCommand, environment: [String]) {
        child.withLock { child in
            if let known = child {
                if known.isAlive { return }
                known.discard()
            }
            do { child = try StartedChild(command, environment: environment) } catch { child = nil }
        }
    }

    /// The one that is ready; nil when there is none.
    func take() -> StartedChild? {
        let taken = child.withLock { child in
            defer { child = nil }
            return child
        }
        guard let taken, !taken.isAlive else { return taken }
        taken.discard()
        return nil
    }

    deinit { child.withLock { $0?.discard() } }
}
