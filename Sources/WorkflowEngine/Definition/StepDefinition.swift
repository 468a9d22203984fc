internal import Expressions
internal import JSON
internal import Resources

/// A list of steps and where it stands.
struct Block: Sendable {
    enum Owner: Sendable, Hashable {
        case phase(RunPhase)
        /// A case of a `switch`; `default` is the last.
        case choice(step: Int, index: Int)
        case branch(step: Int, index: Int)
        case iteration(step: Int)
        case handler(step: Int, index: Int)

        /// The step around it.
        var step: Int? {
            switch self {
            case .phase: nil
            case .choice(let step, _), .branch(let step, _), .iteration(let step), .handler(let step, _): step
            }
        }
    }

    let owner: Owner
    /// Positions among the workflow's steps.
    var steps: [Int] = []
}

/// A step, compiled.
struct StepDefinition: Sendable {
    struct Handler: Sendable {
        let condition: CompiledExpression?
        let block: Int
        let outputs: CompiledTree?
    }

    let id: String
    let block: Int
    /// Its place in the block.
    let position: Int
    /// The `forEach` steps around it, the outermost first.
    let loops: [Int]
    let condition: CompiledExpression?
    let action: CompiledAction
    /// nil: an error is final.
    let retry: RetryPolicy?
    let timeout: Duration?
    let continueOnError: Bool
    let handlers: [Handler]
    let outputs: CompiledTree?
}

/// What a step does, compiled.
indirect enum CompiledAction: Sendable {
    case nothing
    case set(CompiledTree)
    case fail(CompiledText)
    case http(CompiledRequest)
    case wait(CompiledWait)
    case sleep(Duration)
    case sleepUntil(CompiledExpression)
    /// The blocks of the cases, and that of `default` last.
    case choose([CompiledExpression], blocks: [Int])
    case parallel(blocks: [Int], failFast: Bool)
    case forEach(CompiledLoop)
    case call(workflow: String, with: CompiledTree)
    case create(Resources.RecordType, set: CompiledTree)
    case update(Resources.RecordType, CompiledSelector, set: CompiledTree)
    case upsert(Resources.RecordType, CompiledSelector, set: CompiledTree, onCreate: CompiledTree)
    case find(Resources.RecordType, match: CompiledTree)
    case emit(type: String, data: CompiledTree)
}

struct CompiledRequest: Sendable {
    enum Authentication: Sendable {
        case bearer(CompiledText)
        case basic(username: CompiledText, password: CompiledText)
    }

    /// A value of the query; a list is repeated.
    struct Parameter: Sendable {
        let name: String
        let values: [CompiledText]
    }

    let method: String
    let url: CompiledText
    let headers: [(name: String, value: CompiledText)]
    let query: [Parameter]
    let authentication: Authentication?
    let body: CompiledTree?
    let expect: CompiledExpression?
    let isAtMostOnce: Bool
}

struct CompiledWait: Sendable {
    let source: WorkflowAction.Wait.Source
    let key: CompiledExpression?
    let match: CompiledExpression?
    let anyOf: [(name: String, condition: CompiledExpression)]
    let timeout: Duration?
    let continuesOnTimeout: Bool
}

struct CompiledLoop: Sendable {
    let items: CompiledExpression
    let name: String
    let concurrency: Int
    let failFast: Bool
    let block: Int
}

enum CompiledSelector: Sendable {
    case id(CompiledText)
    case match(CompiledTree)
}
