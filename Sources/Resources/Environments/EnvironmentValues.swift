/// The values that replace `${values.NAME}` when files are loaded.
struct EnvironmentValues: Sendable {
    struct Value: Sendable {
        let scalar: Scalar
        let place: FieldPlace
    }

    private(set) var values: [String: Value] = [:]

    var names: [String] { values.keys.sorted() }

    /// Adds those of a `values.yaml`, a mapping of names to scalars; later ones count.
    mutating func add(_ root: Node, into sink: inout DiagnosticSink) {
        guard case .mapping(let entries) = root.content else {
            if case .invalid = root.content { return }
            sink.add(.wrongType, "values must be a mapping, not \(root.summary)", at: root.span)
            return
        }
        for entry in entries {
            guard StringRule.environmentVariable.accepts(entry.key) else {
                sink.add(
                    .invalidName, "`\(entry.key)` is not a name of letters, digits and `_`", at: entry.keySpan
                )
                continue
            }
            switch entry.value.content {
            case .scalar(let scalar) where scalar.tag != .null:
                let span = entry.value.span
                values[entry.key] = Value(
                    scalar: scalar,
                    place: FieldPlace(
                        file: sink.sources[Int(span.source)].path, line: Int(span.start.line),
                        value: entry.key))
            case .invalid: break
            default:
                sink.add(
                    .wrongType,
                    "the value `\(entry.key)` must be a string, a number or a boolean, not \(entry.value.summary)",
                    at: entry.value.span)
            }
        }
    }
}
