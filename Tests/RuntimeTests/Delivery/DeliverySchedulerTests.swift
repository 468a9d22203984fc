import Resources
import Store
import TestSupport
import Testing

@testable import Runtime

struct DeliverySchedulerTests {
    private let now = UnixTime(milliseconds: 1_000_000)
    private var next: Int64 = 0

    private mutating func delivery(_ subscription: String, key: String? = nil) -> DueDelivery {
        next += 1
        let event = Event(
            sequence: CommitSequence(next), id: EventID("evt_\(next)"), type: "ticket.created", ts: "",
            data: [],
            changed: nil, previous: nil, source: "", acceptedAt: now)
        return DueDelivery(
            sequence: CommitSequence(next), id: DeliveryID("d\(next)"), subscription: subscription,
            orderKey: key,
            event: event)
    }

    private func settings(
        _ maxInFlight: Int = 16, isPaused: Bool = false, rate: Double? = nil,
        breaker: SubscriptionSpec.CircuitBreaker? = nil, to url: String = "https://a.example",
        createdAt: UnixTime? = nil
    ) -> DeliveryQueue.Settings {
        DeliveryQueue.Settings(
            createdAt: createdAt, target: .url(url), maxInFlight: maxInFlight, isPaused: isPaused, rate: rate,
            circuitBreaker: breaker)
    }

    /// A scheduler whose state is known to be empty.
    private func scheduler(
        _ subscriptions: [String: DeliveryQueue.Settings], limits: DeliveryScheduler.Limits = .init()
    ) -> DeliveryScheduler {
        var scheduler = DeliveryScheduler(limits: limits)
        scheduler.configure(subscriptions)
        answerLoads(&scheduler, DueWork.none)
        return scheduler
    }

    private func answerLoads(_ scheduler: inout DeliveryScheduler, _ work: DueWork) {
        for load in scheduler.next(now: now).loads { scheduler.loaded(load.subscription, work) }
    }

    @Test func `looks into the state for every subscription that becomes live`() {
        var scheduler = DeliveryScheduler()
        scheduler.configure(["a": settings(), "b": settings()])
        let step1 = scheduler.next(now: now)
        #expect(Set(step1.loads.map(\.subscription)) == ["a", "b"])
        let step2 = scheduler.next(now: now)
        #expect(step2.loads.isEmpty)
    }

    @Test
    mutating func `one subscription that changes, comes or goes is like a configuration in which it does`() {
        var (single, whole) = (scheduler(["a": settings(), "b": settings()]), scheduler(["a": settings()]))
        single.configure("b", nil)
        whole.configure(["a": settings()])
        single.configure("c", settings(3))
        whole.configure(["a": settings(), "c": settings(3)])
        single.configure("a", settings(isPaused: true))
        whole.configure(["a": settings(isPaused: true), "c": settings(3)])
        single.configure("never", nil)
        answerLoads(&single, DueWork.none)
        answerLoads(&whole, DueWork.none)
        #expect(single.statuses == whole.statuses)
        #expect(single.statuses.keys.sorted() == ["a", "c"])
        let deliveries = ["a", "b", "c", "c", "c", "c"].map { delivery($0) }
        for delivery in deliveries {
            single.accepted(delivery)
            whole.accepted(delivery)
        }
        let names = single.next(now: now).deliveries.map(\.delivery.subscription)
        #expect(names == ["c", "c", "c"])
        #expect(names == whole.next(now: now).deliveries.map(\.delivery.subscription))
    }

    @Test mutating func `sends up to the subscription's limit and goes on when one ends`() {
        var scheduler = scheduler(["a": settings(2)])
        for _ in 0..<3 { scheduler.accepted(delivery("a")) }
        let first = scheduler.next(now: now).deliveries
        #expect(first.map(\.sequence.value) == [1, 2])
        scheduler.finished(first[0], .success, now: now)
        let step3 = scheduler.next(now: now)
        #expect(step3.deliveries.map(\.sequence.value) == [3])
    }

    @Test mutating func `serves the subscription with the fewest requests under way first`() {
        var limits = DeliveryScheduler.Limits()
        limits.maxInFlight = 8
        var scheduler = scheduler(["slow": settings(8), "quick": settings(8)], limits: limits)
        for _ in 0..<20 { scheduler.accepted(delivery("slow")) }
        let step4 = scheduler.next(now: now)
        #expect(step4.deliveries.count == 4, "what is left is for others and for retries")
        scheduler.accepted(delivery("quick"))
        let step5 = scheduler.next(now: now)
        #expect(step5.deliveries.map(\.delivery.subscription) == ["quick"])
    }

    @Test mutating func `keeps only a window in memory and asks the state for the rest`() {
        var limits = DeliveryScheduler.Limits()
        limits.window = 4
        var scheduler = scheduler(["a": settings(1)], limits: limits)
        for _ in 0..<10 { scheduler.accepted(delivery("a")) }
        var running = scheduler.next(now: now).deliveries
        #expect(running.count == 1)
        var asked = 0
        for _ in 0..<3 {
            scheduler.finished(running[0], .success, now: now)
            scheduler.recorded(running[0], retry: nil)
            let next = scheduler.next(now: now)
            running = next.deliveries
            asked += next.loads.count
        }
        #expect(asked == 1, "once, when the window had run low")
    }

    @Test mutating func `does not send twice what a load finds in memory`() {
        var scheduler = scheduler(["a": settings(4)])
        let known = delivery("a")
        scheduler.accepted(known)
        let step6 = scheduler.next(now: now)
        #expect(step6.deliveries.count == 1)
        scheduler.stateHasMore("a")
        let next = scheduler.next(now: now)
        #expect(next.loads.map(\.subscription) == ["a"])
        scheduler.loaded(
            "a",
            DueWork(first: [known], retries: [], hasMoreFirst: false, hasMoreRetries: false, nextRetry: nil))
        let step7 = scheduler.next(now: now)
        #expect(step7.deliveries.isEmpty)
    }

    @Test mutating func `looks for a retry when it is due`() {
        var scheduler = scheduler(["a": settings()])
        scheduler.accepted(delivery("a"))
        let running = scheduler.next(now: now).deliveries
        scheduler.finished(running[0], .failure, now: now)
        scheduler.recorded(running[0], retry: now + .seconds(5))
        #expect(scheduler.wakeTime == now + .seconds(5))
        let step8 = scheduler.next(now: now + .milliseconds(4_999))
        #expect(step8.loads.isEmpty)
        let step9 = scheduler.next(now: now + .seconds(5))
        #expect(step9.loads.map(\.subscription) == ["a"])
    }

    @Test mutating func `keeps a quarter of the slots for retries`() {
        var scheduler = scheduler(["a": settings(8)])
        for _ in 0..<40 { scheduler.accepted(delivery("a")) }
        var running = scheduler.next(now: now).deliveries
        #expect(running.allSatisfy { !$0.isRetry })
        let retries = (0..<20).map { _ in delivery("a") }
        let work = DueWork(
            first: [], retries: retries, hasMoreFirst: false, hasMoreRetries: false, nextRetry: nil)
        scheduler.loaded("a", work)
        for _ in 0..<3 {
            for delivery in running { scheduler.finished(delivery, .success, now: now) }
            running = scheduler.next(now: now).deliveries
            #expect(running.count(where: \.isRetry) == 2)
            #expect(running.count { !$0.isRetry } == 6)
        }
    }

    @Test mutating func `keeps a paused subscription's deliveries in the state`() {
        var scheduler = scheduler(["a": settings()])
        scheduler.configure(["a": settings(isPaused: true)])
        scheduler.accepted(delivery("a"))
        let step10 = scheduler.next(now: now)
        #expect(step10.deliveries.isEmpty && step10.loads.isEmpty)
        scheduler.configure(["a": settings()])
        let step11 = scheduler.next(now: now)
        #expect(step11.loads.map(\.subscription) == ["a"])
    }

    @Test mutating func `forgets a subscription that is gone`() {
        var scheduler = scheduler(["a": settings(1)])
        for _ in 0..<3 { scheduler.accepted(delivery("a")) }
        let running = scheduler.next(now: now).deliveries
        scheduler.configure([:])
        scheduler.finished(running[0], .success, now: now)
        scheduler.recorded(running[0], retry: nil)
        let step12 = scheduler.next(now: now)
        #expect(step12.deliveries.isEmpty && step12.loads.isEmpty)
        #expect(scheduler.isIdle)
    }

    @Test mutating func `holds back what the rate limit does not allow and wakes when it does`() {
        var scheduler = scheduler(["a": settings(rate: 2)])
        for _ in 0..<4 { scheduler.accepted(delivery("a")) }
        let step13 = scheduler.next(now: now)
        #expect(step13.deliveries.count == 2)
        #expect(scheduler.wakeTime == now + .milliseconds(500))
        let step14 = scheduler.next(now: now + .milliseconds(500))
        #expect(step14.deliveries.count == 1)
    }

    @Test mutating func `sends one probe when the breaker is half-open`() {
        let breaker = SubscriptionSpec.CircuitBreaker(
            failureRate: 0.5, minimum: 1, window: .seconds(60), cooldown: .seconds(30))
        var scheduler = scheduler(["a": settings(breaker: breaker)])
        scheduler.accepted(delivery("a"))
        let running = scheduler.next(now: now).deliveries
        scheduler.finished(running[0], .failure, now: now)
        for _ in 0..<5 { scheduler.accepted(delivery("a")) }
        let step15 = scheduler.next(now: now)
        #expect(step15.deliveries.isEmpty)
        let later = now + .seconds(30)
        #expect(scheduler.wakeTime == later)
        let probe = scheduler.next(now: later).deliveries
        #expect(probe.count == 1)
        scheduler.finished(probe[0], .success, now: later)
        let step16 = scheduler.next(now: later)
        #expect(step16.deliveries.count == 4)
    }

    @Test(arguments: [("https://b.example", 0), ("https://a.example", 1)])
    mutating func `knows nothing of a new receiver, nor of a subscription that was made again`(
        _ url: String, _ age: Int64
    ) {
        let breaker = SubscriptionSpec.CircuitBreaker(
            failureRate: 0.5, minimum: 1, window: .seconds(60), cooldown: .seconds(3600))
        let made = UnixTime(milliseconds: 1)
        var scheduler = scheduler(["a": settings(breaker: breaker, createdAt: made)])
        scheduler.accepted(delivery("a"))
        let running = scheduler.next(now: now).deliveries
        scheduler.finished(running[0], .gone, now: now)
        scheduler.recorded(running[0], retry: nil)
        #expect(scheduler.statuses["a"]?.isGone == true)
        scheduler.configure(["a": settings(breaker: breaker, createdAt: made)])
        #expect(scheduler.statuses["a"]?.breaker == .open(until: now + .seconds(3600)))
        scheduler.configure([
            "a": settings(breaker: breaker, to: url, createdAt: made + .milliseconds(age))
        ])
        answerLoads(&scheduler, DueWork.none)
        scheduler.accepted(delivery("a"))
        let first = scheduler.next(now: now).deliveries
        #expect(first.count == 1)
        #expect(scheduler.statuses["a"]?.breaker == .closed)
        #expect(scheduler.statuses["a"]?.isGone == false)
    }

    @Test mutating func `does not send what has ended in the state`() {
        var scheduler = scheduler(["a": settings(1)])
        let all = [delivery("a"), delivery("a"), delivery("a")]
        for delivery in all { scheduler.accepted(delivery) }
        let running = scheduler.next(now: now).deliveries
        #expect(running.map(\.delivery.id) == [all[0].id])
        scheduler.endedInState("a")
        let firstLoad = scheduler.next(now: now).loads.map(\.subscription)
        #expect(firstLoad == ["a"])
        // The load began before some more ended.
        scheduler.endedInState("a")
        scheduler.loaded("a", .first([all[1], all[2]]))
        let secondLoad = scheduler.next(now: now).loads.map(\.subscription)
        #expect(secondLoad == ["a"])
        scheduler.loaded("a", .first([all[2]]))
        scheduler.finished(running[0], .success, now: now)
        let next = scheduler.next(now: now).deliveries
        #expect(next.map(\.delivery.id) == [all[2].id])
    }

    @Test mutating func `starts nothing while too many results wait to be recorded`() {
        var limits = DeliveryScheduler.Limits()
        limits.maxUnrecorded = 1
        var scheduler = scheduler(["a": settings()], limits: limits)
        for _ in 0..<2 { scheduler.accepted(delivery("a")) }
        let running = scheduler.next(now: now).deliveries
        scheduler.finished(running[0], .success, now: now)
        scheduler.accepted(delivery("a"))
        let step17 = scheduler.next(now: now)
        #expect(step17.deliveries.isEmpty)
        scheduler.recorded(running[0], retry: nil)
        let step18 = scheduler.next(now: now)
        #expect(step18.deliveries.count == 1)
    }

    @Test mutating func `starts nothing while it drains`() {
        var scheduler = scheduler(["a": settings()])
        scheduler.accepted(delivery("a"))
        let running = scheduler.next(now: now).deliveries
        scheduler.drain()
        scheduler.accepted(delivery("a"))
        let step19 = scheduler.next(now: now)
        #expect(step19.deliveries.isEmpty && step19.loads.isEmpty)
        #expect(!scheduler.isIdle)
        scheduler.finished(running[0], .success, now: now)
        scheduler.recorded(running[0], retry: nil)
        #expect(scheduler.isIdle)
    }

    /// Random steps against a model: nothing runs twice, no bound is broken, everything ends.
    @Test(arguments: 0..<20)
    mutating func `loses nothing and repeats nothing`(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var limits = DeliveryScheduler.Limits()
        (limits.maxInFlight, limits.window) = (6, 4)
        let names = ["a", "b", "c"]
        var scheduler = DeliveryScheduler(limits: limits)
        scheduler.configure(Dictionary(uniqueKeysWithValues: names.map { ($0, settings(3)) }))
        var stored: [DueDelivery] = []
        var running: [QueuedDelivery] = []
        var unrecorded: [QueuedDelivery] = []
        var done = Set<Int64>()
        var pendingLoads: [DeliveryScheduler.Load] = []
        for step in 0..<600 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0 where step < 300:
                let new = delivery(names.randomElement(using: &random) ?? "a")
                stored.append(new)
                scheduler.accepted(new)
            case 1 where !running.isEmpty:
                let ended = running.remove(at: .random(in: running.indices, using: &random))
                scheduler.finished(ended, .success, now: now)
                unrecorded.append(ended)
            case 2 where !unrecorded.isEmpty:
                let recorded = unrecorded.remove(at: .random(in: unrecorded.indices, using: &random))
                if Int.random(in: 0..<4, using: &random) == 0 {
                    // Its record failed: it is pending, with others before and behind it.
                    done.remove(recorded.sequence.value)
                    scheduler.returned(recorded)
                    break
                }
                stored.removeAll { $0.sequence == recorded.sequence }
                scheduler.recorded(recorded, retry: nil)
            case 3 where !pendingLoads.isEmpty:
                let load = pendingLoads.removeFirst()
                scheduler.loaded(load.subscription, load.work(stored))
            default: break
            }
            let next = scheduler.next(now: now)
            for delivery in next.deliveries {
                #expect(done.insert(delivery.sequence.value).inserted, "sent twice")
            }
            running += next.deliveries
            pendingLoads += next.loads
            #expect(running.count <= 6)
            for name in names { #expect(running.count { $0.delivery.subscription == name } <= 3) }
            if step == 599 || (step >= 300 && stored.isEmpty && running.isEmpty) { break }
        }
        let isEmpty = finishAll(&scheduler, stored, running, unrecorded, pendingLoads, &done)
        #expect(isEmpty)
        #expect(done.count == Int(next))
    }

    /// Lets everything end; true when nothing is left.
    private func finishAll(
        _ scheduler: inout DeliveryScheduler, _ stored: [DueDelivery], _ running: [QueuedDelivery],
        _ unrecorded: [QueuedDelivery], _ loads: [DeliveryScheduler.Load],
        _ done: inout Set<Int64>
    ) -> Bool {
        var (stored, running, loads) = (stored, running, loads)
        for ended in unrecorded {
            stored.removeAll { $0.sequence == ended.sequence }
            scheduler.recorded(ended, retry: nil)
        }
        for _ in 0..<10_000 where !stored.isEmpty {
            for ended in running {
                scheduler.finished(ended, .success, now: now)
                stored.removeAll { $0.sequence == ended.sequence }
                scheduler.recorded(ended, retry: nil)
            }
            for load in loads { scheduler.loaded(load.subscription, load.work(stored)) }
            let next = scheduler.next(now: now)
            for delivery in next.deliveries { done.insert(delivery.sequence.value) }
            (running, loads) = next
        }
        return stored.isEmpty
    }
}

extension DeliveryScheduler.Load {
    /// What it finds.
    fileprivate func work(_ stored: [DueDelivery]) -> DueWork {
        let start = behind?.value ?? 0
        let all = stored.filter {
            $0.subscription == subscription && $0.sequence.value > start && !except.contains($0.sequence)
        }
        return DueWork(
            first: Array(all.prefix(limit)), retries: [], hasMoreFirst: all.count > limit,
            hasMoreRetries: false,
            nextRetry: nil)
    }
}

extension DueWork {
    fileprivate static let none = first([])

    fileprivate static func first(_ deliveries: [DueDelivery]) -> DueWork {
        DueWork(
            first: deliveries, retries: [], hasMoreFirst: false, hasMoreRetries: false, nextRetry: nil)
    }
}
