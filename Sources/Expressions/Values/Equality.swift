/// `==` of CEL: numbers by value across types, lists and maps element by element, other types differ.
enum Equality {
    /// The caller charges the first unit. Deep comparisons cost as much as they look at, so that shared values
    /// cannot make them endless.
    static func equal(
        _ left: CELValue, _ right: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)):
            try evaluation.charge(beyondFirstUnit(min(left.utf8.count, right.utf8.count)))
            return ScalarString.equal(left, right)
        case (.int(let left), .int(let right)): return left == right
        case (.bool(let left), .bool(let right)): return left == right
        case (.null, .null), (.omitted, .omitted): return true
        case (.list(let left), .list(let right)): return try equal(left, right, &evaluation)
        case (.map(let left), .map(let right)): return try equal(left, right, &evaluation)
        case (.bytes(let left), .bytes(let right)):
            try evaluation.charge(beyondFirstUnit(min(left.count, right.count)))
            return left == right
        case (.timestamp(let left), .timestamp(let right)): return left == right
        case (.duration(let left), .duration(let right)): return left == right
        case (.type(let left), .type(let right)): return left == right
        case (.optional(let left), .optional(let right)):
            guard let left = left.value, let right = right.value else {
                return left.value == nil && right.value == nil
            }
            return try equal(left, right, &evaluation)
        case (.secret, _), (_, .secret): throw .secretMisuse
        default: return Ordering.numeric(left, right) == .same
        }
    }

    private static func beyondFirstUnit(_ bytes: Int) -> Int { max(0, Cost.traversing(bytes) - 1) }

    private static func equal(
        _ left: CELList, _ right: CELList, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> Bool {
        guard left.count == right.count else { return false }
        try evaluation.chargeTraversal(left.count)
        for position in 0..<left.count {
            guard try equal(left[position], right[position], &evaluation) else { return false }
        }
        return true
    }

    private static func equal(
        _ left: CELMap, _ right: CELMap, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> Bool {
        guard left.count == right.count else { return false }
        try evaluation.chargeTraversal(left.count)
        for position in 0..<left.count {
            let (key, value) = left[position]
            guard let other = right.value(for: key), try equal(value, other, &evaluation) else {
                return false
            }
        }
        return true
    }
}
