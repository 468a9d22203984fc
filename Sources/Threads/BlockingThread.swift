import CThreadName
import Glibc

/// A detached thread for work that blocks, which must not happen on the cooperative pool.
package enum BlockingThread {
    private final class Body: Sendable {
        let name: StaticString
        let interruptsOthers: Bool
        let run: @Sendable () -> Void

        init(_ name: StaticString, _ interruptsOthers: Bool, _ run: @escaping @Sendable () -> Void) {
            self.name = name
            self.interruptsOthers = interruptsOthers
            self.run = run
        }
    }

    /// Why there is no thread: the process is at its limit of threads, or out of address space. The same may work later.
    package struct Failure: Error {
        /// As `pthread_create` returned it.
        package let code: Int32
    }

    /// Bytes of a name, as the kernel keeps it (`pthread_setname_np(3)`).
    private static let maximumName = 15

    /// - Parameters:
    ///   - name: what `top -H` and debuggers show.
    ///   - stack: bytes; nil for what the system gives a thread.
    ///   - interruptsOthers: false for work that may wait, on a busy machine, until those have had their turn that run when
    ///     it is woken: some milliseconds.
    /// - Precondition: the name has at most 15 bytes.
    /// - Throws: when there is no thread for it; it does not run then.
    package static func start(
        _ name: StaticString, stack: Int? = nil, interruptsOthers: Bool = true,
        _ run: @escaping @Sendable () -> Void
    ) throws(Failure) {
        precondition(name.utf8CodeUnitCount <= maximumName, "the name of a thread is too long")
        let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
        defer { attributes.deallocate() }
        pthread_attr_init(attributes)
        defer { pthread_attr_destroy(attributes) }
        pthread_attr_setdetachstate(attributes, Int32(PTHREAD_CREATE_DETACHED))
        if let stack { pthread_attr_setstacksize(attributes, stack) }
        var thread = pthread_t()
        let body = Unmanaged.passRetained(Body(name, interruptsOthers, run))
        let code = pthread_create(
            &thread, attributes,
            { argument in
                guard let argument else { return nil }
                let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                // By the thread itself: its handle may be gone by the time that its maker could use it.
                _ = thread_name_set("\(body.name)")
                // Where the system refuses it, threads change more often.
                if !body.interruptsOthers { _ = thread_interrupt_nobody() }
                body.run()
                return nil
            }, body.toOpaque())
        guard code == 0 else {
            body.release()
            throw Failure(code: code)
        }
    }
}
