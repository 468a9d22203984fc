import Glibc

extension BlockingThread {
    /// Starts threads that do nothing until all of them are there, and ends them: whether as many can be had at once.
    ///
    /// For what would otherwise be found too late: the pool of tasks waits for ever for its threads (libdispatch tries
    /// again every second), and event loops end the process without a word that a person understands.
    ///
    /// - Throws: when the system refuses one of them.
    package static func rehearse(_ count: Int) throws(Failure) {
        let gate = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        defer { gate.deallocate() }
        pthread_mutex_init(gate, nil)
        defer { pthread_mutex_destroy(gate) }
        var threads: [pthread_t] = []
        var code: Int32 = 0
        pthread_mutex_lock(gate)
        while threads.count < count, code == 0 {
            var thread = pthread_t()
            code = pthread_create(
                &thread, nil,
                { gate in
                    let gate = gate?.assumingMemoryBound(to: pthread_mutex_t.self)
                    guard let gate else { return nil }
                    pthread_mutex_lock(gate)
                    pthread_mutex_unlock(gate)
                    return nil
                }, gate)
            if code == 0 { threads.append(thread) }
        }
        pthread_mutex_unlock(gate)
        for thread in threads { pthread_join(thread, nil) }
        guard code == 0 else { throw Failure(code: code) }
    }
}
