import WorkflowEngine

/// A trigger `schedule` of a workflow, and what the state knows of it.
struct WorldSchedule {
    /// Of its workflow.
    let place: Int
    /// Among the triggers.
    let trigger: Int
    let minutes: Int
    /// Whether its `if` holds.
    let holds: Bool
    /// The last of its times that was dealt with.
    var mark: Moment
    /// How many of its times are dealt with until the world has enough of them.
    var left = 0

    /// How old a missed time may be.
    static let catchUp = Duration.seconds(3_600)

    static func all(of model: ModelWorkflow, _ place: Int, since start: Moment) -> [WorldSchedule] {
        model.triggers.enumerated().compactMap { number, trigger in
            guard case .schedule(let minutes, let holds) = trigger else { return nil }
            return WorldSchedule(place: place, trigger: number, minutes: minutes, holds: holds, mark: start)
        }
    }

    private var period: Int64 { Int64(minutes) * 60_000 }

    /// The last of its times that is neither dealt with nor too old; nil when there is none.
    func due(at clock: Moment) -> Moment? {
        let last = Moment(milliseconds: clock.milliseconds / period * period)
        return last > max(mark, clock + (.zero - Self.catchUp)) ? last : nil
    }

    /// The first of its times that may still be due.
    func next(after clock: Moment) -> Moment {
        due(at: clock)
            ?? Moment(milliseconds: (max(clock, mark).milliseconds / period + 1) * period)
    }
}
