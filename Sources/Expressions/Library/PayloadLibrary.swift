internal import JSON

/// The functions that shape payloads; they are not part of CEL.
enum PayloadLibrary {
    static let functions: [Function] = [
        Function("omit() -> dyn", many: omit),
        Function("json.encode(dyn) -> string", unary: encode),
        Function("json.decode(string) -> dyn", cost: .traverseFirst, unary: decode),
        Function(
            ["hash.sha256(string) -> string", "hash.sha256(bytes) -> string"], cost: .traverseFirst,
            .unary(sha256)),
        Function("url.encode(string) -> string", cost: .traverseFirst, unary: percentEncode),
    ]

    /// The value that leaves out its key or element.
    private static func omit(_: [CELValue], _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        .omitted
    }

    private static func encode(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        guard let json = try value.json(&evaluation) else {
            throw .invalidArgument("there is nothing to encode")
        }
        let bytes = json.utf8
        try evaluation.chargeTraversal(bytes.count)
        return .string(String(decoding: bytes, as: UTF8.self))
    }

    private static func decode(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        guard case .string(let text) = value else { throw .noSuchOverload("json.decode", [value]) }
        do throws(JSONError) {
            return CELValue(try JSONValue(parsing: text, limits: .received))
        } catch {
            throw .invalidArgument("the text is not JSON: \(error.message)")
        }
    }

    /// In lower-case hexadecimal.
    private static func sha256(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        switch value {
        case .string(let text): .string(Hexadecimal.encode(SHA256.digest(Array(text.utf8))))
        case .bytes(let bytes): .string(Hexadecimal.encode(SHA256.digest(bytes)))
        default: throw .noSuchOverload("hash.sha256", [value])
        }
    }

    private static func percentEncode(
        _ value: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        guard case .string(let text) = value else { throw .noSuchOverload("url.encode", [value]) }
        return .string(PercentEncoding.encode(text))
    }
}
