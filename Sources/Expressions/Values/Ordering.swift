/// `<` and its relatives.
enum Ordering {
    enum Order: Int { case before = -1, same, after }

    /// nil for values that have no order, NaN among them.
    static func order(_ left: CELValue, _ right: CELValue) -> Order? {
        switch (left, right) {
        case (.int(let left), .int(let right)): order(left, right)
        case (.string(let left), .string(let right)): sign(ScalarString.order(left, right))
        case (.bool(let left), .bool(let right)): order(left ? 1 : 0, right ? 1 : 0)
        case (.timestamp(let left), .timestamp(let right)): order(left, right)
        case (.duration(let left), .duration(let right)): order(left, right)
        case (.bytes(let left), .bytes(let right)):
            sign(
                left.withUnsafeBufferPointer { left in
                    right.withUnsafeBufferPointer { ScalarString.order(left, $0) }
                })
        default: numeric(left, right)
        }
    }

    /// Whether two values are of types that have an order.
    static func areComparable(_ left: CELValue, _ right: CELValue) -> Bool {
        order(left, right) != nil || (left.isNumber && right.isNumber)
    }

    /// Numbers of any types; a comparison with a double is made in doubles.
    static func numeric(_ left: CELValue, _ right: CELValue) -> Order? {
        switch (left, right) {
        case (.int(let left), .int(let right)): order(left, right)
        case (.uint(let left), .uint(let right)): order(left, right)
        case (.double(let left), .double(let right)): order(left, right)
        case (.int(let left), .uint(let right)): left < 0 ? .before : order(UInt64(left), right)
        case (.uint(let left), .int(let right)): right < 0 ? .after : order(left, UInt64(right))
        case (.int(let left), .double(let right)): order(Double(left), right)
        case (.double(let left), .int(let right)): order(left, Double(right))
        case (.uint(let left), .double(let right)): order(Double(left), right)
        case (.double(let left), .uint(let right)): order(left, Double(right))
        default: nil
        }
    }

    private static func order<Value: Comparable>(_ left: Value, _ right: Value) -> Order? {
        if left < right { return .before }
        if left > right { return .after }
        return left == right ? .same : nil
    }

    private static func sign(_ difference: Int) -> Order {
        difference < 0 ? .before : difference > 0 ? .after : .same
    }
}

extension CELValue {
    var isNumber: Bool {
        switch self {
        case .int, .uint, .double: true
        default: false
        }
    }
}
