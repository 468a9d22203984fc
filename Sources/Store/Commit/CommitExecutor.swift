/// Runs what comes after a commit in the place of the writer's thread: an event loop, for instance.
///
/// Everything of a commit that names the same one goes there together, in the order of the calls. So a commit wakes it once,
/// and what its callers made there is freed there.
package struct CommitExecutor: Sendable {
    let identity: ObjectIdentifier
    let execute: @Sendable (@escaping @Sendable () -> Void) -> Void

    /// - Parameters:
    ///   - owner: who runs it; what has the same owner is the same executor.
    ///   - execute: runs something soon, once, without waiting for it.
    package init(
        owner: AnyObject, _ execute: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) {
        identity = ObjectIdentifier(owner)
        self.execute = execute
    }
}
