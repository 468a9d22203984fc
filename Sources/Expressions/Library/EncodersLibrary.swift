/// The encoders extension: base64.
enum EncodersLibrary {
    static let functions: [Function] = [
        Function(
            ["base64.encode(bytes) -> string", "base64.encode(secret) -> secret"], cost: .traverseFirst,
            .unary(encode)),
        Function("base64.decode(string) -> bytes", cost: .traverseFirst, unary: decode),
    ]

    private static func encode(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        switch value {
        case .bytes(let bytes): .string(Base64.encode(bytes))
        case .secret(let secret): .secret(SecretText(parts: [.base64(secret)]))
        default: throw .noSuchOverload("base64.encode", [value])
        }
    }

    private static func decode(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        guard case .string(let text) = value else { throw .noSuchOverload("base64.decode", [value]) }
        guard let bytes = Base64.decode(text) else { throw .invalidArgument("the text is not base64") }
        return .bytes(bytes)
    }
}
