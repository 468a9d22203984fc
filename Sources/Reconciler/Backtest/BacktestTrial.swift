/// How two forms of a resource take the same events, newest first, as far as the budget goes.
struct BacktestTrial: Equatable {
    /// What ended it.
    enum End: Equatable {
        case events, time, work
    }

    /// Those that both were tried on.
    private(set) var events = 0
    private(set) var before = 0
    private(set) var after = 0
    /// Events on which the new form's condition has no value.
    private(set) var failures = 0
    private(set) var end = End.events

    /// - Parameter old: nil for a resource that is new.
    init(
        _ old: EventMatcher?, _ new: EventMatcher, _ events: [PastEvent],
        _ share: inout BacktestBudget.Share
    ) {
        for event in events {
            end = share.isTimeUp ? .time : add(event, old, new, &share.work)
            if end != .events { break }
        }
    }

    /// - Returns: `events` when there was enough work left for it.
    private mutating func add(
        _ event: PastEvent, _ old: EventMatcher?, _ new: EventMatcher, _ work: inout Int
    ) -> End {
        let now = new.match(event, work: &work)
        let was = old?.match(event, work: &work) ?? .no
        guard now != .unfinished, was != .unfinished else { return .work }
        events += 1
        if now == .yes { after += 1 }
        if now == .failure { failures += 1 }
        if was == .yes { before += 1 }
        return .events
    }
}
