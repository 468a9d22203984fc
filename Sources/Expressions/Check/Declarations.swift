/// What an expression may use: variables and their types, functions, and the rules of the place where it stands.
///
/// A value: extending it makes another one and leaves this one as it is.
package struct Declarations: Sendable {
    /// Namespaces such as `com.example`, in which names are looked up before they are taken as they are.
    package var container = ""
    /// False: names are resolved, types are not checked; wrong ones fail when the program runs.
    package var checksTypes = true
    /// False: `has`, `all` and so on are ordinary functions.
    package var expandsMacros = true
    /// Units of cost beyond which a program warns at check time.
    package var costLimit = Cost.defaultLimit
    /// What the estimate of cost assumes about data whose size the types do not tell.
    package var assumedSizes = AssumedSizes()

    /// Sizes of values that are only known when a program runs.
    package struct AssumedSizes: Sendable {
        /// Elements of a list or map.
        package var elements = 200
        /// Bytes of a string.
        package var bytes = 500
    }

    /// Secrets and who may use them.
    struct Secrets: Sendable {
        let variable: String
        /// nil: any name.
        let names: Set<String>?
    }

    private(set) var variables: [String: CELType] = [:]
    /// The variables in the order of their declaration.
    private(set) var order: [String] = []
    private(set) var functions = FunctionTable.standard
    private(set) var secrets: Secrets?
    private(set) var withheld: [String: (reason: String, code: Diagnostic.Code)] = [:]

    package init() {}

    package init(_ variables: KeyValuePairs<String, CELType>) {
        for (name, type) in variables { declare(name, type) }
    }

    /// Declares a variable; a qualified name such as `a.b` is one variable.
    package mutating func declare(_ name: String, _ type: CELType) {
        if variables.updateValue(type, forKey: name) == nil { order.append(name) }
        withheld[name] = nil
    }

    /// The same declarations and one more variable.
    package func declaring(_ name: String, _ type: CELType) -> Declarations {
        var copy = self
        copy.declare(name, type)
        return copy
    }

    /// Declares a function that programs can be checked against, but that cannot be called.
    package mutating func declare(_ function: Overload) { functions.add(Function(declaring: function)) }

    /// Declares a map of secrets: `variable['name']` is a `secret`. Where `names` is given, other names are errors.
    package mutating func declareSecrets(_ variable: String, names: Set<String>? = nil) {
        secrets = Secrets(variable: variable, names: names)
        declare(variable, .map(.string, .secret))
    }

    /// Says why a name that people expect is not there; the reason becomes the hint of the error.
    package mutating func withhold(
        _ name: String, because reason: String, as code: Diagnostic.Code = .unavailable
    ) {
        withheld[name] = (reason, code)
        variables[name] = nil
        order.removeAll { $0 == name }
        if secrets?.variable == name { secrets = nil }
    }

    /// The fully qualified names that a name may stand for, the innermost namespace first.
    func candidates(for name: String, isAbsolute: Bool = false) -> [String] {
        guard !isAbsolute, !container.isEmpty else { return [name] }
        var parts = container.split(separator: ".")
        var candidates: [String] = []
        while !parts.isEmpty {
            candidates.append(parts.joined(separator: ".") + "." + name)
            parts.removeLast()
        }
        return candidates + [name]
    }
}
