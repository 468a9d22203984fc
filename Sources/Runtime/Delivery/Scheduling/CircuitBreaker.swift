import Resources
import Store

/// Stops requests to a receiver that fails, and lets single ones through to find out whether it is well again.
///
/// Closed: everything passes; when at least `minimum` attempts within the window have ended and the share of failures
/// reaches `failureRate`, it opens. Open: nothing passes for `cooldown`. Half-open: one request passes; its end closes
/// the breaker or opens it again.
struct CircuitBreaker: Sendable, Equatable {
    package enum State: Sendable, Equatable {
        case closed
        case open(until: UnixTime)
        /// `isProbing`: the one request is under way.
        case halfOpen(isProbing: Bool)
    }

    enum Report: Sendable, Equatable {
        /// The receiver works: it took the delivery or refused it for good.
        case success
        /// It does not: 5xx, 3xx, no answer.
        case failure
        /// It answered 410.
        case gone
    }

    private let settings: SubscriptionSpec.CircuitBreaker
    private let sliceWidth: Duration
    private(set) var state = State.closed
    /// The window, in slices; the oldest is dropped as time goes on.
    private var slices: [Slice] = []

    private struct Slice: Sendable, Equatable {
        let start: UnixTime
        var successes = 0
        var failures = 0
    }

    private static let sliceCount = 10

    init(_ settings: SubscriptionSpec.CircuitBreaker) {
        self.settings = settings
        sliceWidth = .milliseconds(max(1, settings.window.milliseconds / Int64(Self.sliceCount)))
    }

    /// Whether a request may start now; the end of the cooldown makes it half-open.
    mutating func allows(now: UnixTime) -> Bool {
        switch state {
        case .closed: return true
        case .open(let until):
            guard now >= until || until - now > settings.cooldown else { return false }
            state = .halfOpen(isProbing: false)
            return true
        case .halfOpen(let isProbing): return !isProbing
        }
    }

    /// When an open breaker lets a request through again.
    var opensAt: UnixTime? {
        if case .open(let until) = state { until } else { nil }
    }

    /// A request starts.
    mutating func started() {
        if case .halfOpen = state { state = .halfOpen(isProbing: true) }
    }

    /// A request ended.
    mutating func ended(_ report: Report, now: UnixTime) {
        switch (state, report) {
        case (_, .gone), (.halfOpen, .failure):
            state = .open(until: now + settings.cooldown)
            slices = []
        case (.halfOpen, .success):
            state = .closed
            slices = []
        case (.closed, _):
            count(report, now)
            if isTripped { state = .open(until: now + settings.cooldown) }
        case (.open, _): break
        }
    }

    /// A request was taken back before it was made.
    mutating func abandoned() {
        if case .halfOpen = state { state = .halfOpen(isProbing: false) }
    }

    private var isTripped: Bool {
        let failures = slices.reduce(0) { $0 + $1.failures }
        let total = slices.reduce(failures) { $0 + $1.successes }
        return total >= settings.minimum && Double(failures) >= settings.failureRate * Double(total)
    }

    private mutating func count(_ report: Report, _ now: UnixTime) {
        slices.removeAll { now - $0.start >= settings.window || $0.start > now }
        if slices.last.map({ now - $0.start >= sliceWidth }) ?? true { slices.append(Slice(start: now)) }
        if report == .success {
            slices[slices.count - 1].successes += 1
        } else {
            slices[slices.count - 1].failures += 1
        }
    }
}
