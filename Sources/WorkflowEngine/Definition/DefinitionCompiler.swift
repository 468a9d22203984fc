internal import Expressions
internal import JSON
internal import Resources

/// Compiles the steps of a workflow and collects what is wrong with them.
///
/// Types were checked when the workflow was validated; here every variable is of any type, so that a revision that was
/// stored keeps running whatever a later checker thinks of it.
struct DefinitionCompiler {
    private(set) var steps: [StepDefinition?] = []
    private(set) var blocks: [Block] = []
    private(set) var byID: [String: Int] = [:]
    private(set) var problems: [DefinitionError.Problem] = []
    private var loops: [Int] = []
    private var names: [String] = []
    private var depth = 0

    /// The variables in the order in which ``StepVariables`` sets them.
    private func declarations(secrets: Bool) -> Declarations {
        var declarations = Declarations()
        for name in StepVariables.names + names { declarations.declare(name, .dyn) }
        if secrets { declarations.declareSecrets("secrets") }
        return declarations
    }

    // MARK: Expressions

    mutating func expression(_ source: String?, _ place: String, isCondition: Bool = false)
        -> CompiledExpression?
    {
        guard let source else { return nil }
        do throws(CompilationError) {
            let program = try Program.compile(
                source, in: declarations(secrets: false), expecting: isCondition ? .bool : nil)
            return CompiledExpression(program, place)
        } catch {
            problem(place, "does not compile: \(error)")
            return nil
        }
    }

    mutating func condition(_ source: String?, _ place: String) -> CompiledExpression? {
        expression(source, place, isCondition: true)
    }

    mutating func tree(_ json: JSONValue, _ place: String, secrets: Bool = false) -> CompiledTree? {
        do throws(TemplateError) {
            return CompiledTree(try Template.compile(json, in: declarations(secrets: secrets)), place)
        } catch {
            problem(place, "does not compile: \(error)")
            return nil
        }
    }

    mutating func text(_ source: String, _ place: String, secrets: Bool = false) -> CompiledText? {
        do throws(CompilationError) {
            return CompiledText(try TextTemplate.compile(source, in: declarations(secrets: secrets)), place)
        } catch {
            problem(place, "does not compile: \(error)")
            return nil
        }
    }

    mutating func problem(_ place: String, _ message: String) {
        problems.append(DefinitionError.Problem(place: place, message: message))
    }

    // MARK: Steps

    /// Compiles a list of steps; returns its number.
    mutating func block(_ list: [WorkflowStep], _ owner: Block.Owner) -> Int {
        let number = blocks.count
        blocks.append(Block(owner: owner))
        depth += 1
        defer { depth -= 1 }
        guard depth <= RunBounds.nesting else {
            problem(list.first?.id ?? "steps", "is nested deeper than \(RunBounds.nesting) levels")
            return number
        }
        for (position, step) in list.enumerated() {
            let index = steps.count
            steps.append(nil)
            if byID.updateValue(index, forKey: step.id) != nil {
                problem("steps.\(step.id)", "is there twice: ids are unique in a workflow")
            }
            blocks[number].steps.append(index)
            steps[index] = compile(step, index, block: number, position: position)
        }
        return number
    }

    private mutating func compile(_ step: WorkflowStep, _ index: Int, block: Int, position: Int)
        -> StepDefinition?
    {
        let place = "steps.\(step.id)"
        let condition = condition(step.condition, "\(place).if")
        guard let action = action(of: step, index, place) else { return nil }
        if step.retry != nil, action.hasSteps {
            problem("\(place).retry", "has no effect on a step that holds steps: put it to those inside")
        }
        var handlers: [StepDefinition.Handler] = []
        for (number, handler) in step.handlers.enumerated() {
            let place = "\(place).catch[\(number)]"
            handlers.append(
                StepDefinition.Handler(
                    condition: self.condition(handler.condition, "\(place).if"),
                    block: self.block(handler.steps, .handler(step: index, index: number)),
                    outputs: handler.outputs.flatMap { tree(.object($0), "\(place).outputs") }))
        }
        return StepDefinition(
            id: step.id, block: block, position: position, loops: loops, condition: condition,
            action: action, retry: retry(step, action), timeout: step.timeout,
            continueOnError: step.continueOnError, handlers: handlers,
            outputs: step.outputs.flatMap { tree(.object($0), "\(place).outputs") })
    }

    /// Requests are repeated unless a step says otherwise, everything else only if it says so.
    private func retry(_ step: WorkflowStep, _ action: CompiledAction) -> RetryPolicy? {
        if let retry = step.retry { return retry }
        guard case .http = action else { return nil }
        return RetryPolicy.ofRequests
    }

    private mutating func action(of step: WorkflowStep, _ index: Int, _ place: String) -> CompiledAction? {
        switch step.action {
        case nil: return .nothing
        case .set(let values): return tree(.object(values), "\(place).set").map { .set($0) }
        case .fail(let message): return text(message, "\(place).fail.message").map { .fail($0) }
        case .http(let request): return self.request(request, "\(place).http").map { .http($0) }
        case .waitFor(let wait): return self.wait(wait, "\(place).waitFor").map { .wait($0) }
        case .sleep(.duration(let duration)): return .sleep(duration)
        case .sleep(.until(let source)):
            return expression(source, "\(place).sleep.until").map { .sleepUntil($0) }
        case .branch(let cases, let otherwise): return choose(cases, otherwise, index, place)
        case .parallel(let branches, let failFast):
            var blocks: [Int] = []
            for (number, branch) in branches.enumerated() {
                blocks.append(block(branch.steps, .branch(step: index, index: number)))
            }
            return .parallel(blocks: blocks, failFast: failFast)
        case .forEach(let loop): return forEach(loop, index, "\(place).forEach")
        case .call(let workflow, let with):
            return tree(.object(with), "\(place).call.with").map { .call(workflow: workflow, with: $0) }
        case .create(let type, let set):
            return tree(.object(set), "\(place).create.set").map { .create(type, set: $0) }
        case .update(let type, let selector, let set):
            guard let selector = self.selector(selector, "\(place).update"),
                let set = tree(.object(set), "\(place).update.set")
            else { return nil }
            return .update(type, selector, set: set)
        case .upsert(let type, let selector, let set, let onCreate):
            guard let selector = self.selector(selector, "\(place).upsert"),
                let set = tree(.object(set), "\(place).upsert.set"),
                let onCreate = tree(.object(onCreate), "\(place).upsert.onCreate")
            else { return nil }
            return .upsert(type, selector, set: set, onCreate: onCreate)
        case .find(let type, let match):
            return tree(.object(match), "\(place).find.match").map { .find(type, match: $0) }
        case .emit(let type, let data):
            return tree(data, "\(place).emit.data").map { .emit(type: type, data: $0) }
        }
    }

    private mutating func choose(
        _ cases: [WorkflowAction.Case], _ otherwise: [WorkflowStep], _ index: Int, _ place: String
    ) -> CompiledAction? {
        var conditions: [CompiledExpression] = []
        var blocks: [Int] = []
        for (number, one) in cases.enumerated() {
            if let condition = condition(one.condition, "\(place).switch.cases[\(number)].if") {
                conditions.append(condition)
            }
            blocks.append(block(one.steps, .choice(step: index, index: number)))
        }
        blocks.append(block(otherwise, .choice(step: index, index: cases.count)))
        return conditions.count == cases.count ? .choose(conditions, blocks: blocks) : nil
    }

    private mutating func forEach(_ loop: WorkflowAction.ForEach, _ index: Int, _ place: String)
        -> CompiledAction?
    {
        let items = expression(loop.items, "\(place).items")
        loops.append(index)
        names.append(loop.name)
        let block = block(loop.steps, .iteration(step: index))
        names.removeLast()
        loops.removeLast()
        return items.map {
            .forEach(
                CompiledLoop(
                    items: $0, name: loop.name, concurrency: loop.concurrency, failFast: loop.failFast,
                    block: block))
        }
    }

    private mutating func selector(_ selector: WorkflowAction.Selector, _ place: String) -> CompiledSelector?
    {
        switch selector {
        case .id(let id): text(id, "\(place).id").map { .id($0) }
        case .match(let match): tree(.object(match), "\(place).match").map { .match($0) }
        }
    }

    private mutating func wait(_ wait: WorkflowAction.Wait, _ place: String) -> CompiledWait? {
        if case .inbound = wait.source, wait.key == nil {
            problem(place, "needs a `key`: messages are found by their correlation key")
        }
        var choices: [(name: String, condition: CompiledExpression)] = []
        for choice in wait.anyOf {
            guard let condition = condition(choice.condition, "\(place).anyOf.\(choice.name)") else {
                return nil
            }
            choices.append((choice.name, condition))
        }
        let match = condition(wait.match, "\(place).match")
        guard (match == nil) == (wait.match == nil) else { return nil }
        return CompiledWait(
            source: wait.source, key: expression(wait.key, "\(place).key"), match: match, anyOf: choices,
            timeout: wait.timeout, continuesOnTimeout: wait.continuesOnTimeout)
    }

    // MARK: Requests

    private mutating func request(_ request: WorkflowAction.Request, _ place: String) -> CompiledRequest? {
        guard let url = text(request.url, "\(place).url", secrets: true) else { return nil }
        var headers: [(name: String, value: CompiledText)] = []
        for (name, value) in request.headers {
            if let value = text(value.string ?? value.text, "\(place).headers.\(name)", secrets: true) {
                headers.append((name, value))
            }
        }
        var query: [CompiledRequest.Parameter] = []
        for (name, value) in request.query {
            query.append(
                CompiledRequest.Parameter(
                    name: name, values: parameters(value, "\(place).query.\(name)")))
        }
        return CompiledRequest(
            method: request.method, url: url, headers: headers, query: query,
            authentication: authentication(request.authentication, "\(place).auth"),
            body: request.body.flatMap { tree($0, "\(place).body", secrets: true) },
            expect: condition(request.expect, "\(place).expect"), isAtMostOnce: request.isAtMostOnce)
    }

    private mutating func parameters(_ value: JSONValue, _ place: String) -> [CompiledText] {
        switch value {
        case .array(let elements): elements.flatMap { parameters($0, place) }
        case .object:
            {
                problem(place, "is a mapping: a parameter is a text, a number, a bool, or a list of them")
                return []
            }()
        case .string(let source): text(source, place, secrets: true).map { [$0] } ?? []
        case .null: []
        default: text(value.text, place).map { [$0] } ?? []
        }
    }

    private mutating func authentication(
        _ authentication: WorkflowAction.Request.Authentication?, _ place: String
    ) -> CompiledRequest.Authentication? {
        switch authentication {
        case nil: return nil
        case .bearer(let token): return text(token, "\(place).bearer", secrets: true).map { .bearer($0) }
        case .basic(let username, let password):
            guard let username = text(username, "\(place).basic.username", secrets: true),
                let password = text(password, "\(place).basic.password", secrets: true)
            else { return nil }
            return .basic(username: username, password: password)
        }
    }
}

extension CompiledAction {
    /// Whether it is made of other steps.
    var hasSteps: Bool {
        switch self {
        case .choose, .parallel, .forEach: true
        default: false
        }
    }
}

extension RetryPolicy {
    /// What requests have when their step says nothing: the defaults of `retry`.
    static let ofRequests = RetryPolicy(
        maxAttempts: 5, initialBackoff: .seconds(2), multiplier: 2, maxBackoff: .seconds(60), jitter: 0.2)
}
