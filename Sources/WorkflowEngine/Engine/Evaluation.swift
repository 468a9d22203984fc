internal import Expressions
internal import JSON

/// Evaluating with errors of the engine: `` `steps.page.if` failed at `x.y`: there is no key 'y' ``.
extension CompiledExpression {
    func value(_ variables: Activation) throws(StepError) -> CELValue {
        do throws(EvaluationError) { return try program.evaluate(variables) } catch {
            throw StepError(place, error, in: program.source)
        }
    }

    func holds(_ variables: Activation) throws(StepError) -> Bool {
        do throws(EvaluationError) { return try program.holds(variables) } catch {
            throw StepError(place, error, in: program.source)
        }
    }

    /// A key as a text: numbers of equal value are one key whatever their type.
    func key(_ variables: Activation) throws(StepError) -> String {
        let value = try value(variables)
        let text: String
        switch value {
        case .string(let value): text = value
        case .uint(let value): text = String(value)
        case .bool, .int, .double, .timestamp, .duration: text = value.description
        default: throw StepError(.expression, "`\(place)` is of type `\(value.typeName)`, which is no key")
        }
        guard text.utf8.count <= RunBounds.key else {
            throw StepError(.limit, "`\(place)` is longer than \(RunBounds.key) bytes")
        }
        return text
    }
}

extension CompiledTree {
    /// What the tree comes to; a run keeps it, whatever it is for.
    func render(_ variables: Activation) throws(StepError) -> RenderedTemplate {
        let rendered: RenderedTemplate
        do throws(RenderError) { rendered = try template.render(variables) } catch {
            let source = template.leaves.first { $0.path == error.path }?.text.source ?? ""
            let path = error.path.steps.isEmpty ? place : "\(place).\(error.path)"
            throw StepError(path, error.cause, in: source)
        }
        if let json = rendered.json { try json.checkDepth(place) }
        return rendered
    }

    /// The rendered object.
    func object(_ variables: Activation) throws(StepError) -> JSONObject {
        guard case .object(let object) = try render(variables).json else {
            throw StepError(.expression, "`\(place)` is not an object")
        }
        return object
    }
}

extension CompiledText {
    /// - Throws: also where `omit()` leaves nothing, unless `isOptional`.
    func render(_ variables: Activation, percentEncoding: Bool = false) throws(StepError) -> SecretText? {
        do throws(EvaluationError) {
            return try template.render(variables, percentEncoding: percentEncoding)
        } catch {
            throw StepError(place, error, in: template.source)
        }
    }

    /// The text where no secret can stand.
    func plain(_ variables: Activation) throws(StepError) -> String {
        guard let text = try render(variables)?.plain else {
            throw StepError(.expression, "`\(place)` is left out")
        }
        return text
    }
}

extension JSONValue {
    /// - Throws: when it is nested too deeply for a run.
    func checkDepth(_ place: String) throws(StepError) {
        guard !isDeeper(than: RunBounds.depth) else {
            throw StepError(.limit, "`\(place)` is nested more than \(RunBounds.depth) levels deep")
        }
    }
}

extension StepError {
    init(_ place: String, _ error: EvaluationError, in source: String) {
        let part = error.range.map { range in
            String(
                String.UnicodeScalarView(
                    source.unicodeScalars.dropFirst(range.lowerBound).prefix(range.count)))
        }
        self.init(.expression, "`\(place)` failed\(part.map { " at `\($0)`" } ?? ""): \(error.message)")
    }
}
