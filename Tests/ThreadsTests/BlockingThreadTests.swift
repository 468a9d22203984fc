import Glibc
import Testing

@testable import Threads

struct BlockingThreadTests {
    @Test func `work for which there is no thread is an error, and does not run`() {
        // More than a process can address.
        #expect(throws: BlockingThread.Failure.self) {
            try BlockingThread.start("impossible", stack: 1 << 50) { Issue.record("it ran") }
        }
    }

    @Test func `threads that are only tried end, as often as they are`() throws {
        for _ in 0..<50 { try BlockingThread.rehearse(50) }
    }

    @Test func `a thread has the name that it is given`() async throws {
        let name = try await withCheckedThrowingContinuation { continuation in
            do {
                try BlockingThread.start("fifteen-letters") { continuation.resume(returning: ownName()) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
        #expect(name == "fifteen-letters")
    }

    @Test(arguments: [true, false])
    func `a thread interrupts others when it is woken, or it does not`(_ interruptsOthers: Bool) async throws
    {
        let policy = try await withCheckedThrowingContinuation { continuation in
            do {
                try BlockingThread.start("policy", interruptsOthers: interruptsOthers) {
                    continuation.resume(returning: sched_getscheduler(0))
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
        // `SCHED_OTHER` and `SCHED_BATCH` (sched(7)).
        #expect(policy == (interruptsOthers ? 0 : 3))
    }
}

/// Of the calling thread, as the kernel tells others.
private func ownName() -> String {
    guard let file = fopen("/proc/thread-self/comm", "r") else { return "" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
}
