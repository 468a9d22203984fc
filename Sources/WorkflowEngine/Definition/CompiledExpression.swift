internal import Expressions

/// CEL and what it looks at.
struct CompiledExpression: Sendable {
    let program: Program
    /// Where it stands, for errors.
    let place: String
    let needs: VariableNeeds

    init(_ program: Program, _ place: String) {
        self.program = program
        self.place = place
        needs = VariableNeeds(program.references)
    }
}

/// A tree of JSON whose strings may hold `${ }`.
struct CompiledTree: Sendable {
    let template: Template
    let place: String
    let needs: VariableNeeds

    init(_ template: Template, _ place: String) {
        self.template = template
        self.place = place
        needs = VariableNeeds(template.references)
    }
}

/// One text that may hold `${ }`.
struct CompiledText: Sendable {
    let template: TextTemplate
    let place: String
    let needs: VariableNeeds

    init(_ template: TextTemplate, _ place: String) {
        self.template = template
        self.place = place
        needs = VariableNeeds(template.programs.flatMap(\.program.references))
    }
}

/// The variables that cost something to have ready.
struct VariableNeeds: Sendable {
    /// Ids of steps; nil for all.
    let steps: [String]?
    let callbacks: [String]?
    let run: Bool

    init(_ references: [Reference]) {
        func named(_ variable: String) -> [String]? {
            var names: [String] = []
            for reference in references where reference.variable == variable {
                guard let name = reference.path.first else { return nil }
                if !names.contains(name) { names.append(name) }
            }
            return names
        }
        steps = named("steps")
        callbacks = named("callbacks")
        run = references.contains { $0.variable == "run" }
    }
}
