/// What the type parameters of an expression stand for, found by unification.
///
/// The rules are those of CEL's reference checker: a value of type `dyn` goes everywhere, null goes where an
/// optional, a time or a nullable value goes, and where two types fit each other the more general one is kept.
struct TypeSubstitution {
    private var bindings: [String: CELType] = [:]
    private var fresh = 0

    /// A parameter that stands for nothing yet.
    mutating func newParameter() -> CELType {
        fresh += 1
        return .parameter("\(fresh)")
    }

    // MARK: Assignability

    /// Binds parameters so that values of the one types can be given where the others are expected; changes
    /// nothing when they cannot.
    mutating func assign(_ given: [CELType], to expected: [CELType]) -> Bool {
        guard given.count == expected.count else { return false }
        var trial = self
        for (given, expected) in zip(given, expected) where !trial.fits(given, expected) { return false }
        self = trial
        return true
    }

    private mutating func fits(_ given: CELType, _ expected: CELType) -> Bool {
        if case .parameter(let name) = expected {
            switch bind(name, to: given) {
            case .bound: return true
            case .conflict: return false
            case .occurs: break
            }
        }
        if case .parameter(let name) = given { return bind(name, to: expected) == .bound }
        if given.isDyn || expected.isDyn { return true }
        return fitsConcrete(given, expected)
    }

    private mutating func fitsConcrete(_ given: CELType, _ expected: CELType) -> Bool {
        switch (given, expected) {
        case (.null, .null), (.null, .optional), (.null, .abstract), (.null, .timestamp), (.null, .duration),
            (.null, .wrapper):
            true
        case (.wrapper(let given), .wrapper(let expected)): fits(given, expected)
        case (.wrapper(let given), _): fits(given, expected)
        case (_, .wrapper(let expected)): fits(given, expected)
        case (.list(let given), .list(let expected)), (.optional(let given), .optional(let expected)):
            fits(given, expected)
        case (.map(let givenKey, let givenValue), .map(let key, let value)):
            fits(givenKey, key) && fits(givenValue, value)
        case (.record(let given), .record(let expected)): given == expected
        case (.record, .map(let key, let value)): fits(.string, key) && fits(.dyn, value)
        case (.map(let key, let value), .record): fits(key, .string) && fits(value, .dyn)
        case (.type, .type): true
        case (.abstract(let givenName, let given), .abstract(let name, let expected)):
            givenName == name && assign(given, to: expected)
        default: given == expected
        }
    }

    private enum Binding { case bound, conflict, occurs }

    private mutating func bind(_ name: String, to type: CELType) -> Binding {
        guard let known = bindings[name] else {
            if type == .parameter(name) { return .bound }
            if occurs(name, in: type) { return .occurs }
            bindings[name] = type
            return .bound
        }
        if known == type { return .bound }
        var trial = self
        if trial.fits(type, known)
            || {
                trial = self; return trial.fits(known, type)
            }()
        {
            self = trial
            bindings[name] = moreGeneral(type, known)
            return .bound
        }
        return .conflict
    }

    private func occurs(_ name: String, in type: CELType) -> Bool {
        switch type {
        case .parameter(let other): other == name || bindings[other].map { occurs(name, in: $0) } ?? false
        case .list(let element), .optional(let element), .wrapper(let element): occurs(name, in: element)
        case .map(let key, let value): occurs(name, in: key) || occurs(name, in: value)
        case .abstract(_, let parameters): parameters.contains { occurs(name, in: $0) }
        default: false
        }
    }

    // MARK: Results

    /// The type with every bound parameter replaced; the unbound ones too, by `dyn`, when `closed`.
    func resolve(_ type: CELType, closed: Bool = false) -> CELType {
        switch type {
        case .parameter(let name):
            bindings[name].map { resolve($0, closed: closed) } ?? (closed ? .dyn : type)
        case .list(let element): .list(resolve(element, closed: closed))
        case .map(let key, let value): .map(resolve(key, closed: closed), resolve(value, closed: closed))
        case .optional(let value): .optional(resolve(value, closed: closed))
        case .wrapper(let value): .wrapper(resolve(value, closed: closed))
        case .type(let inner): .type(inner.map { resolve($0, closed: closed) })
        case .abstract(let name, let parameters):
            .abstract(name, parameters.map { resolve($0, closed: closed) })
        default: type
        }
    }

    /// The type of a place that takes both, such as an element of a list; nil when there is none but `dyn`.
    mutating func join(_ first: CELType, _ second: CELType) -> CELType? {
        if assign([first], to: [second]) || assign([second], to: [first]) {
            return moreGeneral(first, second)
        }
        return nil
    }

    /// The one of two fitting types that says less; the types of different types have in common that they are some.
    private func moreGeneral(_ first: CELType, _ second: CELType) -> CELType {
        if case .type = first, case .type = second,
            resolve(first, closed: true) != resolve(second, closed: true)
        {
            return .type(.dyn)
        }
        return Self.isAsGeneral(first, as: second) ? first : second
    }

    private static func isAsGeneral(_ first: CELType, as second: CELType) -> Bool {
        switch (first, second) {
        case (.dyn, _), (.error, _), (.parameter, _): true
        case (_, .dyn), (_, .error), (_, .parameter): false
        case (.null, _): second == .null
        case (.wrapper(let first), .wrapper(let second)): isAsGeneral(first, as: second)
        case (.wrapper, _): true
        case (.list(let first), .list(let second)), (.optional(let first), .optional(let second)):
            isAsGeneral(first, as: second)
        case (.map(let key, let value), .map(let otherKey, let otherValue)):
            isAsGeneral(key, as: otherKey) && isAsGeneral(value, as: otherValue)
        case (.map, .record): true
        case (.type, .type): true
        case (.abstract(let name, let first), .abstract(let other, let second)):
            name == other && first.count == second.count
                && zip(first, second).allSatisfy { isAsGeneral($0, as: $1) }
        case (_, .null): true
        default: first == second
        }
    }
}
