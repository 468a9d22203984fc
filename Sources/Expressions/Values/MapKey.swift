/// A key in a form in which equal keys are equal: numbers by their value, strings by their scalars.
enum MapKey: Hashable {
    case bool(Bool)
    case int(Int64)
    /// Only beyond the range of `int`.
    case uint(UInt64)
    case string(ScalarString)

    /// nil for a value that no key can be equal to.
    init?(_ value: CELValue) {
        switch value {
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .uint(let value): self = Int64(exactly: value).map { .int($0) } ?? .uint(value)
        case .double(let value):
            if let int = Int64(exactly: value) {
                self = .int(int)
            } else if let uint = UInt64(exactly: value) {
                self = .uint(uint)
            } else {
                return nil
            }
        case .string(let value): self = .string(ScalarString(value))
        default: return nil
        }
    }
}
