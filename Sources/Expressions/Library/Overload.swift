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
