import NIOCore
import NIOPosix
import Testing

@testable import Runtime

struct RequestLoopsTests {
    @Test func `who is on no loop gets the one with the least under way`() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let all = Array(group.makeIterator())
        let loops = RequestLoops(group)
        #expect(loops.current == nil)
        let taken = (0..<4).map { _ in loops.take() }
        for loop in all { #expect(taken.count { $0 === loop } == 2) }
        loops.giveBack(all[1])
        #expect(loops.take() === all[1])
        try await group.shutdownGracefully()
    }

    @Test func `who is on a loop stays there, until it has far more under way than another`() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let loop = group.next()
        let loops = RequestLoops(group)
        let own = try await loop.submit {
            #expect(loops.current === loop)
            return (0..<100).count { _ in loops.take() === loop }
        }.get()
        #expect(own > 50, "its own first")
        #expect(own < 65, "then as many for the other")
        try await group.shutdownGracefully()
    }
}
