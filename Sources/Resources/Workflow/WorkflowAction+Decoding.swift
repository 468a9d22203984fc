internal import JSON

extension WorkflowAction {
    /// The one action of a step; nil when it has none.
    init?(_ step: SpecReader) throws(SpecError) {
        guard let name = StepSchema.actions.first(where: step.has) else { return nil }
        if name == "set" {
            self = .set(step.tree("set"))
            return
        }
        let action = try step.object(name)
        switch name {
        case "http": self = .http(try Request(action))
        case "waitFor": self = .waitFor(try Wait(action))
        case "sleep":
            let duration = try action.optionalDuration("for")
            if let duration {
                self = .sleep(.duration(duration))
            } else {
                self = .sleep(.until(try action.string("until")))
            }
        case "switch":
            let cases = try action.objects("cases").map { (value) throws(SpecError) in
                Case(condition: try value.string("if"), steps: try value.steps("steps"))
            }
            self = .branch(cases, otherwise: try action.steps("default"))
        case "parallel": self = .parallel(try Self.branches(action), failFast: try action.bool("failFast"))
        case "forEach": self = .forEach(try ForEach(action))
        case "call": self = .call(workflow: try action.string("workflow"), with: action.tree("with"))
        case "create": self = .create(try action.enumeration("record"), set: action.tree("set"))
        case "update":
            self = .update(try action.enumeration("record"), try Selector(action), set: action.tree("set"))
        case "upsert":
            self = .upsert(
                try action.enumeration("record"), try Selector(action), set: action.tree("set"),
                onCreate: action.tree("onCreate"))
        case "find": self = .find(try action.enumeration("record"), match: action.tree("match"))
        case "emit":
            self = .emit(type: try action.string("type"), data: action.members["data"] ?? .object([:]))
        default: self = .fail(message: try action.string("message"))
        }
    }

    private static func branches(_ action: SpecReader) throws(SpecError) -> [Branch] {
        try action.tree("branches").map { (name, value) throws(SpecError) in
            Branch(name: name, steps: try action.steps(of: value))
        }
    }
}

extension WorkflowAction.Request {
    init(_ http: SpecReader) throws(SpecError) {
        method = try http.string("method")
        url = try http.string("url")
        headers = http.tree("headers")
        query = http.tree("query")
        authentication = try http.optionalObject("auth").map { (auth) throws(SpecError) in
            if let token = try auth.optionalString("bearer") { return .bearer(token) }
            let basic = try auth.object("basic")
            return .basic(username: try basic.string("username"), password: try basic.string("password"))
        }
        body = http.members["body"]
        expect = try http.optionalString("expect")
        isAtMostOnce = try http.string("delivery") == "atMostOnce"
    }
}

extension WorkflowAction.Wait {
    init(_ wait: SpecReader) throws(SpecError) {
        if let endpoint = try wait.optionalString("inbound") {
            source = .inbound(endpoint)
        } else if let event = try wait.optionalString("event") {
            source = .event(EventPattern(event))
        } else {
            source = .callback
        }
        key = try wait.optionalString("key")
        match = try wait.optionalString("match")
        anyOf = wait.tree("anyOf").map { Choice(name: $0.key, condition: $0.value.string ?? "") }
        timeout = try wait.optionalDuration("timeout")
        continuesOnTimeout = try wait.string("onTimeout") == "continue"
    }
}

extension WorkflowAction.ForEach {
    init(_ loop: SpecReader) throws(SpecError) {
        items = try loop.string("items")
        name = try loop.string("as")
        concurrency = try loop.int("concurrency")
        failFast = try loop.bool("failFast")
        steps = try loop.steps("steps")
    }
}

extension WorkflowAction.Selector {
    init(_ action: SpecReader) throws(SpecError) {
        self = try action.optionalString("id").map(Self.id) ?? .match(action.tree("match"))
    }
}

extension SpecReader {
    /// Steps of a list that stands on its own, such as a branch.
    func steps(of list: JSONValue) throws(SpecError) -> [WorkflowStep] {
        guard let schema = definitions[StepSchema.name], let elements = list.array else {
            throw SpecError("not a list of steps")
        }
        return try elements.map { (element) throws(SpecError) in
            guard case .object(let members) = element else { throw SpecError("a step is not a mapping") }
            return try WorkflowStep(SpecReader(schema, members, definitions: definitions))
        }
    }
}
