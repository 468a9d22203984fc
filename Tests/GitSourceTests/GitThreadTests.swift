import Testing

@testable import GitSource

struct GitThreadTests {
    /// More than a process can address.
    private static let impossible = 1 << 50

    @Test func `work for which there is no thread is an error, and does not run`() async {
        await #expect {
            try await GitThread.run("test", stack: Self.impossible) { Issue.record("it ran") }
        } throws: { error in
            guard let error = error as? GitError else { return false }
            return error.message.hasPrefix("cannot start a thread: ") && error.isTransient
                && error.hint != nil
        }
    }

    @Test func `work has a thread of its own, and its error is the caller's`() async throws {
        #expect(try await GitThread.run("test", stack: 1 << 20) { 42 } == 42)
        await #expect(throws: GitError(.network, "as told")) {
            try await GitThread.run("test") { () throws(GitError) in throw GitError(.network, "as told") }
        }
    }
}
