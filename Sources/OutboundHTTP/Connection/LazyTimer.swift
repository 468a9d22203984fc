import NIOCore

/// A timer for deadlines that mostly are met: moving one later costs nothing, because the timer that runs
/// already only looks again when it fires. Confined to its event loop.
final class LazyTimer {
    private let loop: any EventLoop
    private var scheduled: Scheduled<Void>?
    private var armedAt = NIODeadline.distantFuture
    /// Called at or after an armed time; returns the next time of interest.
    private var onFire: (() -> NIODeadline?)?

    init(loop: any EventLoop, onFire: @escaping () -> NIODeadline?) {
        self.loop = loop
        self.onFire = onFire
    }

    /// Makes sure that it fires no later than `deadline`.
    func fire(by deadline: NIODeadline) {
        guard deadline < armedAt else { return }
        scheduled?.cancel()
        armedAt = deadline
        let box = NIOLoopBound(self, eventLoop: loop)
        scheduled = loop.scheduleTask(deadline: deadline) { box.value.fired() }
    }

    /// Never fires again, and lets go of its owner.
    func stop() {
        scheduled?.cancel()
        scheduled = nil
        armedAt = .distantFuture
        onFire = nil
    }

    private func fired() {
        scheduled = nil
        armedAt = .distantFuture
        if let next = onFire?() { fire(by: next) }
    }
}
