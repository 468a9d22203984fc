import Testing

@testable import Store

struct BlockingThreadTests {
    @Test func `work for which there is no thread is an error, and does not run`() {
        // More than a process can address.
        #expect(throws: BlockingThread.Failure.self) {
            try BlockingThread.start(stack: 1 << 50) { Issue.record("it ran") }
        }
    }
}
