import JSON
import Store
import Testing
import WorkflowEngine

@testable import Runtime

/// Slots that can be asked in the middle of an expectation.
private final class Slots {
    private var slots: RequestSlots<Int64>

    init(total: Int, perOrigin: Int, waiting: Int = 512, bytes: Int = 1 << 20) {
        slots = RequestSlots(
            .init(total: total, perOrigin: perOrigin, waiting: waiting, waitingBytes: bytes))
    }

    var inFlight: Int { slots.inFlight }
    var waiting: Int { slots.waiting }

    private static let step = StepAddress(parsing: "call")

    @discardableResult
    func add(_ run: Int64, to origin: String, size: Int = 0) throws -> Bool {
        let plan = RequestPlan(json: ["method": "POST", "url": "http://a", "timeout": 1, "key": "k"])
        let order = RequestOrder(
            run: CommitSequence(run), id: WorkflowRunID("run_\(run)"), step: try #require(Self.step),
            attempt: 1,
            plan: try #require(plan))
        return slots.add(.init(order: order, request: run, size: size), to: origin)
    }

    func next() -> [Int64] { slots.next().map(\.item.request) }
    func finished(_ origin: String) -> [CommitSequence] { slots.finished(origin) }

    func withdraw(_ run: Int64) throws -> Bool {
        slots.withdraw(CommitSequence(run), try #require(Self.step))
    }
}

@Suite struct RequestSlotsTests {
    @Test func `origins take turns, however many requests one of them has`() throws {
        let slots = Slots(total: 6, perOrigin: 4)
        for run in 0..<100 { try slots.add(Int64(run), to: "busy") }
        for run in 100..<102 { try slots.add(Int64(run), to: "calm") }
        #expect(slots.next() == [0, 100, 1, 101, 2, 3], "and in the order of arrival")
    }

    @Test func `a slow origin gets its share and no more, and keeps nobody from the rest`() throws {
        let slots = Slots(total: 8, perOrigin: 2)
        for run in 0..<10 { try slots.add(Int64(run), to: "slow") }
        #expect(slots.next() == [0, 1])
        for run in 10..<20 { try slots.add(Int64(run), to: "other") }
        #expect(slots.next() == [10, 11])
        #expect(slots.next().isEmpty)
        #expect(slots.finished("other").isEmpty)
        #expect(slots.next() == [12], "the slow one still has its two")
        #expect(slots.inFlight == 4)
    }

    @Test func `beyond what waits in memory only the run's number is kept, and comes again`() throws {
        let slots = Slots(total: 1, perOrigin: 1, waiting: 4)
        let taken = try (0..<7).map { try slots.add($0, to: "a") }
        #expect(taken == [true, true, true, true, false, false, false])
        #expect(slots.next() == [0])
        #expect(slots.finished("a").isEmpty, "three wait still, of four")
        #expect(slots.next() == [1])
        #expect(slots.next().isEmpty)
        #expect(slots.finished("a").isEmpty)
        #expect(slots.next() == [2])
        #expect(slots.finished("a") == [CommitSequence(4)])
        #expect(slots.waiting == 1)
    }

    @Test func `a request that is taken back is not sent, one under way cannot be`() throws {
        let slots = Slots(total: 1, perOrigin: 1)
        try slots.add(1, to: "a")
        try slots.add(2, to: "a")
        #expect(slots.next() == [1])
        #expect(try !slots.withdraw(1))
        #expect(try slots.withdraw(2))
        #expect(slots.finished("a").isEmpty)
        #expect(slots.next().isEmpty)
        #expect(slots.inFlight == 0)
    }

    @Test func `requests that wait have so many bytes together, and every origin has room for one`() throws {
        let slots = Slots(total: 1, perOrigin: 1, bytes: 100)
        #expect(try slots.add(0, to: "a", size: 60))
        #expect(try !slots.add(1, to: "a", size: 60))
        #expect(try slots.add(2, to: "a", size: 40))
        #expect(try slots.add(3, to: "b", size: 60), "it has none")
        #expect(try !slots.add(4, to: "b"), "though it is small")
        #expect(slots.next() == [0])
        #expect(slots.finished("a") == [CommitSequence(1)])
        #expect(try slots.withdraw(2))
        #expect(slots.next() == [3])
        #expect(try slots.add(1, to: "a", size: 60))
        #expect(try slots.add(5, to: "a", size: 40), "what has left counts no more")
    }
}
