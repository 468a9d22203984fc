import Foundation

/// Holds threads back until a test opens it.
package final class Gate: Sendable {
    // Guards a flag that only its lock's holder touches.
    private let condition = NSCondition()
    private nonisolated(unsafe) var isOpen = false

    package init() {}

    package func open() {
        condition.withLock {
            isOpen = true
            condition.broadcast()
        }
    }

    /// Blocks the calling thread.
    package func wait() {
        condition.withLock { while !isOpen { condition.wait() } }
    }
}
