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

/// One signature of a function.
package struct Overload: Sendable {
    package let name: String
    /// The receiver first, where there is one.
    package let parameters: [CELType]
    package let result: CELType
    /// Called as `receiver.name(…)`.
    package let isMethod: Bool

    package init(_ name: String, _ parameters: [CELType], _ result: CELType, isMethod: Bool = false) {
        self.name = name
        self.parameters = parameters
        self.result = result
        self.isMethod = isMethod
    }

    /// Reads `<receiver>.name(type, …) -> type` or `name(type, …) -> type`; nil when it is malformed.
    init?(_ signature: String) {
        var reader = TypeReader(signature)
        var parameters: [CELType] = []
        isMethod = reader.take("<")
        if isMethod {
            guard let end = signature.firstIndex(of: ">"),
                let receiver = CELType(String(signature[..<end].dropFirst()))
            else { return nil }
            parameters.append(receiver)
            reader = TypeReader(String(signature[signature.index(after: end)...]))
            guard reader.take(".") else { return nil }
        }
        name = reader.name()
        guard reader.take("(") else { return nil }
        if !reader.take(")") {
            repeat {
                guard let parameter = reader.type() else { return nil }
                parameters.append(parameter)
            } while reader.take(",")
            guard reader.take(")") else { return nil }
        }
        guard reader.take("->"), let result = reader.type(), reader.atEnd else { return nil }
        self.parameters = parameters
        self.result = result
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
