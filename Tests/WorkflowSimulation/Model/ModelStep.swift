/// A step of a random workflow as a model: what the generator, the world and the oracle know about it. It shares no code with
/// the engine.
struct ModelStep: Sendable {
    indirect enum Action: Sendable {
        case set
        case http(ModelRequest)
        case wait(ModelWait)
        /// With a `timeout` that is shorter it fails.
        case sleep(milliseconds: Int, timeout: Int?)
        /// Until a time that counts from the run's event; it may be over already.
        case sleepUntil(milliseconds: Int)
        case create
        /// Of a record that exists, or of none.
        case update(isKnown: Bool)
        case upsert
        case find(isKnown: Bool)
        case emit(type: String)
        /// nil: a workflow that does not exist.
        case call(workflow: String?)
        /// Fails when it is true, or in the iteration with that index.
        case fail(Always)
        /// An expression without a result.
        case broken
        /// The case that is taken; the last list is `default`.
        case choose(taken: Int, [[ModelStep]])
        case parallel([[ModelStep]], failFast: Bool)
        /// Steps and then a wait for nothing, ended by the `timeout` of the step around them.
        case endless([ModelStep], wait: String)
        case loop(count: Int, concurrency: Int, failFast: Bool, [ModelStep])
    }

    enum Always: Sendable { case yes, iteration(Int) }

    /// A handler of a `catch`.
    struct Handler: Sendable {
        let fits: Bool
        let steps: [ModelStep]
    }

    let id: String
    let action: Action
    /// Ids of the loops around it, the outermost first.
    let loops: [String]
    /// `if`; nil for none.
    var condition: Bool?
    /// Of `retry`; nil for none.
    var maxAttempts: Int?
    var continueOnError = false
    var handlers: [Handler] = []
    /// CEL for a number above zero.
    var number = "event.data.x"

    /// The handler that deals with an error; nil when none fits.
    var handler: Handler? { handlers.first { $0.fits } }

    /// The lists of steps of its action.
    var blocks: [[ModelStep]] {
        switch action {
        case .choose(_, let blocks), .parallel(let blocks, _): blocks
        case .endless(let steps, let wait): [steps + [ModelStep.endlessWait(wait, loops: loops)]]
        case .loop(_, _, _, let steps): [steps]
        default: []
        }
    }

    /// Whether it is made of other steps.
    var holdsSteps: Bool {
        switch action {
        case .choose, .parallel, .endless, .loop: true
        default: false
        }
    }

    /// The step and all inside of it.
    var all: [ModelStep] { [self] + (blocks + handlers.map(\.steps)).flatMap { $0 }.flatMap(\.all) }

    static func endlessWait(_ id: String, loops: [String]) -> ModelStep {
        ModelStep(
            id: id,
            action: .wait(
                ModelWait(source: .callback, arrival: .never, timeout: nil, continues: false, isNamed: false)),
            loops: loops)
    }
}

/// A request, and what the other side answers.
struct ModelRequest: Sendable {
    enum Answer: Sendable, Equatable {
        case status(Int, retryAfter: Int?)
        /// It arrived, and no answer came back.
        case reset
        /// It never arrived.
        case refused
        /// No answer within the step's timeout.
        case late
    }

    /// By attempt, the last one for all further ones; the first list for a run, the second for one that repeats it.
    let answers: [[Answer]]
    let method: String
    let isAtMostOnce: Bool
    /// Its `expect` takes a 404 too.
    let takesNotFound: Bool
    let hasOutputs: Bool

    func answer(_ attempt: Int, _ generation: Int) -> Answer {
        let list = answers[min(generation, answers.count - 1)]
        return list[min(attempt, list.count) - 1]
    }

    /// Attempts after which nothing new comes.
    func variety(_ generation: Int) -> Int { answers[min(generation, answers.count - 1)].count }

    func isExpected(_ status: Int) -> Bool {
        takesNotFound ? [200, 404].contains(status) : 200..<300 ~= status
    }
}

/// A wait, and when what it waits for comes.
struct ModelWait: Sendable {
    enum Source: Sendable { case callback, inbound, event }

    enum Arrival: Sendable {
        /// Before it waits.
        case early
        case later, never
        /// Like `later`, but several steps wait for the same, and any message will do.
        case shared
    }

    let source: Source
    let arrival: Arrival
    /// Minutes.
    let timeout: Int?
    let continues: Bool
    /// `anyOf` instead of `match`.
    let isNamed: Bool
}
