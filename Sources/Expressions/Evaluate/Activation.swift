/// The variables of one evaluation.
///
/// Made in the order of the declarations it is found by position; in another order it is searched by name.
package struct Activation: Sendable {
    private enum Source: Sendable {
        case value(CELValue)
        case lazy(@Sendable () throws(EvaluationError) -> CELValue)
    }

    private var names: [String] = []
    private var sources: [Source] = []

    package init() {}

    package init(_ variables: KeyValuePairs<String, CELValue>) {
        for (name, value) in variables { self.set(name, value) }
    }

    /// Gives a variable its value.
    package mutating func set(_ name: String, _ value: CELValue) { set(name, .value(value)) }

    /// Gives a variable a value that is made when an expression asks for it, each time that it asks.
    package mutating func set(
        _ name: String, lazily make: @escaping @Sendable () throws(EvaluationError) -> CELValue
    ) {
        set(name, .lazy(make))
    }

    private mutating func set(_ name: String, _ source: Source) {
        if let position = names.firstIndex(of: name) {
            sources[position] = source
        } else {
            names.append(name)
            sources.append(source)
        }
    }

    /// The value of a variable; nil when it has none.
    ///
    /// - Parameter hint: where the variable probably is.
    func value(_ name: String, hint: Int) throws(EvaluationError) -> CELValue? {
        if hint < names.count, names[hint] == name { return try value(at: hint) }
        guard let position = names.firstIndex(of: name) else { return nil }
        return try value(at: position)
    }

    private func value(at position: Int) throws(EvaluationError) -> CELValue {
        switch sources[position] {
        case .value(let value): value
        case .lazy(let make): try make()
        }
    }
}
