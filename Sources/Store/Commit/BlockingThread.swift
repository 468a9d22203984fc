import Glibc

/// A detached thread for work that blocks, which must not happen on the cooperative pool.
enum BlockingThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Why there is no thread: the process is at its limit of threads, or out of address space.
    struct Failure: Error {
        /// As `pthread_create` returned it.
        let code: Int32
    }

    /// - Parameter stack: bytes; nil for what the system gives a thread.
    /// - Throws: when there is no thread for it; it does not run then.
    static func start(stack: Int? = nil, _ run: @escaping @Sendable () -> Void) throws(Failure) {
        let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
        defer { attributes.deallocate() }
        pthread_attr_init(attributes)
        defer { pthread_attr_destroy(attributes) }
        pthread_attr_setdetachstate(attributes, Int32(PTHREAD_CREATE_DETACHED))
        if let stack { pthread_attr_setstacksize(attributes, stack) }
        var thread = pthread_t()
        let body = Unmanaged.passRetained(Body(run))
        let code = pthread_create(
            &thread, attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        guard code == 0 else {
            body.release()
            throw Failure(code: code)
        }
    }
}
