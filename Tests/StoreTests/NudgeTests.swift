import Testing

@testable import Store

@Suite(.timeLimit(.minutes(5))) struct NudgeTests {
    @Test func `one that nobody waits for is kept for the next wait, once`() async {
        let nudge = Nudge()
        nudge.raise()
        nudge.raise()
        await nudge.wait()
        let waiting = Task { await nudge.wait() }
        waiting.cancel()
        await waiting.value
    }

    @Test func `a wait that is cancelled takes nothing from the next one`() async {
        let nudge = Nudge()
        let waiting = Task { await nudge.wait() }
        waiting.cancel()
        nudge.raise()
        await waiting.value
        nudge.raise()
        await nudge.wait()
    }

    @Test func `one that was lowered lets nobody through`() async {
        let nudge = Nudge()
        nudge.raise()
        nudge.lower()
        let waiting = Task {
            await nudge.wait()
            return Task.isCancelled
        }
        waiting.cancel()
        #expect(await waiting.value)
    }
}
