/// A function or operator: what types it takes and what it does.
///
/// The body looks at the values that it gets and throws `no-such-overload` for types that it does not take, so
/// the same function serves checked programs and values of type `dyn`.
struct Function: Sendable {
    typealias Unary = @Sendable (CELValue, inout Evaluation) throws(EvaluationError) -> CELValue
    typealias Binary = @Sendable (CELValue, CELValue, inout Evaluation) throws(EvaluationError) -> CELValue
    typealias Many = @Sendable ([CELValue], inout Evaluation) throws(EvaluationError) -> CELValue

    enum Body: Sendable {
        case unary(Unary)
        case binary(Binary)
        case many(Many)
        /// Only declared, for checking.
        case none
    }

    let name: String
    let overloads: [Overload]
    let cost: CallCost
    let body: Body

    /// - Parameter signatures: such as `<string>.charAt(int) -> string` for a method and
    ///   `math.ceil(double) -> double` for a function; all have the same name, style and number of parameters.
    init(_ signatures: [String], cost: CallCost = .unit, _ body: Body) {
        overloads = signatures.map { signature in
            guard let overload = Overload(signature) else {
                preconditionFailure("malformed signature \(signature)")
            }
            return overload
        }
        name = overloads[0].name
        self.cost = cost
        self.body = body
    }

    init(_ signature: String, cost: CallCost = .unit, unary: @escaping Unary) {
        self.init([signature], cost: cost, .unary(unary))
    }

    init(_ signature: String, cost: CallCost = .unit, binary: @escaping Binary) {
        self.init([signature], cost: cost, .binary(binary))
    }

    init(_ signature: String, cost: CallCost = .unit, many: @escaping Many) {
        self.init([signature], cost: cost, .many(many))
    }

    /// A function that is only declared.
    init(declaring overload: Overload) {
        name = overload.name
        overloads = [overload]
        cost = .unit
        body = .none
    }

    var isMethod: Bool { overloads[0].isMethod }
    var arity: Int { overloads[0].parameters.count }

    /// Whether one of the overloads may take these values, by their types alone.
    func mayTake(_ arguments: [CELValue]) -> Bool {
        overloads.contains { overload in
            overload.parameters.count == arguments.count
                && zip(overload.parameters, arguments).allSatisfy { $0.mayHold($1) }
        }
    }
}

extension CELType {
    /// Whether a value may be of the type, judged by the outermost constructor.
    func mayHold(_ value: CELValue) -> Bool {
        switch (self, value) {
        case (.dyn, _), (.parameter, _), (.error, _): true
        case (.null, .null), (.bool, .bool), (.int, .int), (.uint, .uint), (.double, .double),
            (.string, .string),
            (.bytes, .bytes), (.timestamp, .timestamp), (.duration, .duration), (.list, .list), (.map, .map),
            (.record, .map), (.optional, .optional), (.type, .type), (.secret, .secret):
            true
        case (.wrapper(let type), _): value.isNull || type.mayHold(value)
        default: false
        }
    }
}

extension CELValue {
    var isNull: Bool {
        if case .null = self { true } else { false }
    }
}
