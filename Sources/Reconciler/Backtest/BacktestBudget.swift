/// What all evaluations of a backtest may use up together.
package struct BacktestBudget: Sendable {
    /// Units of cost, as expressions are measured in.
    private(set) var work: Int
    private(set) var time: Duration
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameter work: by default that of a hundred evaluations that reach the limit of one.
    package init(
        work: Int = 100_000_000, time: Duration = .seconds(5),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.work = work
        self.time = time
        self.now = now
    }

    /// What one of them may use up.
    struct Share {
        var work: Int
        let deadline: ContinuousClock.Instant
        fileprivate let now: @Sendable () -> ContinuousClock.Instant

        var isTimeUp: Bool { now() >= deadline }
    }

    /// Lets `body` use its share of what is left. What it leaves is for those after it.
    ///
    /// - Parameter count: how many there are yet, with this one.
    mutating func sharing<Result>(among count: Int, _ body: (inout Share) -> Result) -> Result {
        let (part, begin) = (work / count, now())
        var share = Share(work: part, deadline: begin + time / count, now: now)
        let result = body(&share)
        work -= part - share.work
        time -= begin.duration(to: now())
        return result
    }
}
