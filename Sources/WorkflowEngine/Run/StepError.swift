internal import Expressions
package import JSON

/// Why a step, and with it perhaps the run, failed; what expressions see as `error`.
package struct StepError: Error, Sendable, Hashable {
    /// The step in which it happened; nil for an error of the run itself.
    package var step: StepAddress?
    package let type: ErrorType
    package let message: String

    package init(_ type: ErrorType, _ message: String, step: StepAddress? = nil) {
        self.step = step
        self.type = type
        self.message = message
    }

    /// The same error with a step, unless it has one.
    func at(_ step: StepAddress) -> StepError {
        guard self.step == nil else { return self }
        var copy = self
        copy.step = step
        return copy
    }

    var value: CELValue {
        .record([
            "step": .string(step?.step ?? ""), "type": .string(type.rawValue), "message": .string(message),
        ])
    }
}

extension StepError {
    package var json: JSONValue {
        var members: JSONObject = ["type": .string(type.rawValue), "message": .string(message)]
        if let step { members["step"] = .string(step.description) }
        return .object(members)
    }

    init?(json: JSONValue?) {
        guard let type = json?["type"]?.string, let message = json?["message"]?.string else { return nil }
        self.init(
            ErrorType(rawValue: type), message,
            step: json?["step"]?.string.flatMap { StepAddress(parsing: $0) })
    }
}
