/// A random workflow as a model.
struct ModelWorkflow: Sendable {
    struct Concurrency: Sendable {
        let limit: Int
        let onConflict: String
    }

    /// What starts it, besides persons and steps.
    enum Trigger: Sendable {
        /// Events of a type, with an `if` that holds for all of them that are posted, or for none.
        case event(String, holds: Bool)
        case inbound(String)
        /// Every so many minutes; `if` as above.
        case schedule(minutes: Int, holds: Bool)
    }

    let name: String
    var steps: [ModelStep] = []
    var onFailure: [ModelStep] = []
    var finally: [ModelStep] = []
    /// In their order; it can be called too.
    var triggers: [Trigger] = []
    /// Whether its keys are of members that the event of a schedule does not have, so that none of those starts a run that
    /// begins.
    var needsData = false
    /// `rollout: cancel`.
    var endsOlder = false
    var concurrency: Concurrency?
    /// Seconds of the window in which an event's record starts it once.
    var dedupe: Int?
    /// Starts per second.
    var rate: Int?
    /// Hours; nil for the default of 90 days.
    var timeout: Int?
    var pauses = false
    var maxDepth = 8
    var allowSelf = false

    var isScheduled: Bool {
        triggers.contains { if case .schedule = $0 { true } else { false } }
    }

    var all: [ModelStep] { (steps + onFailure + finally).flatMap(\.all) }
}

/// Where the steps of a workflow stand.
struct ModelOutline: Sendable {
    struct Place: Sendable {
        let step: ModelStep
        /// The step around it.
        let parent: String?
        /// Whether it stands in a handler of that.
        let isInHandler: Bool
        /// Whether it stands in `steps`, at any depth.
        let isMain: Bool
    }

    private(set) var places: [String: Place] = [:]

    init(_ workflow: ModelWorkflow) {
        for step in workflow.steps { add(step, nil, isInHandler: false, isMain: true) }
        for step in workflow.onFailure + workflow.finally {
            add(step, nil, isInHandler: false, isMain: false)
        }
    }

    private mutating func add(_ step: ModelStep, _ parent: String?, isInHandler: Bool, isMain: Bool) {
        places[step.id] = Place(step: step, parent: parent, isInHandler: isInHandler, isMain: isMain)
        for inner in step.blocks.joined() { add(inner, step.id, isInHandler: false, isMain: isMain) }
        for inner in step.handlers.flatMap(\.steps) { add(inner, step.id, isInHandler: true, isMain: isMain) }
    }
}
