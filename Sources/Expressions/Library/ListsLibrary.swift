/// The lists extension; `sortBy` is a macro.
enum ListsLibrary {
    private static let ordered = [
        "int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes",
    ]

    static let functions: [Function] = [
        Function("<list($T)>.slice(int, int) -> list($T)", cost: .elements, many: slice),
        Function("<list(list($T))>.flatten() -> list($T)", cost: .elements, unary: flatten),
        Function("<list(dyn)>.flatten(int) -> list(dyn)", cost: .elements, binary: flattenTo),
        Function("<list($T)>.distinct() -> list($T)", cost: .unit, unary: distinct),
        Function("<list($T)>.reverse() -> list($T)", cost: .elements, unary: reverse),
        Function("<list($T)>.first() -> optional_type($T)", unary: first),
        Function("<list($T)>.last() -> optional_type($T)", unary: last),
        Function(ordered.map { "<list(\($0))>.sort() -> list(\($0))" }, cost: .elements, .unary(sort)),
        Function("lists.range(int) -> list(int)", unary: range),
    ]

    private static func elements(_ value: CELValue, _ function: String) throws(EvaluationError) -> [CELValue]
    {
        guard case .list(let list) = value else { throw .noSuchOverload(function, [value]) }
        return list.elements
    }

    private static func slice(
        _ arguments: [CELValue], _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        guard case .list(let list) = arguments[0], case .int(let start) = arguments[1],
            case .int(let end) = arguments[2]
        else { throw .noSuchOverload("slice", arguments) }
        guard 0 <= start, start <= end, end <= Int64(list.count) else {
            throw EvaluationError(
                .indexOutOfRange, "slice(\(start), \(end)) is out of range for \(list.count) elements")
        }
        return .list(Array(list.elements[Int(start)..<Int(end)]))
    }

    private static func flatten(_ list: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        try flattenTo(list, .int(1), &evaluation)
    }

    private static func flattenTo(
        _ list: CELValue, _ depth: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        guard case .list(let list) = list, case .int(let depth) = depth else {
            throw .noSuchOverload("flatten", [list, depth])
        }
        guard depth >= 0 else { throw .invalidArgument("`flatten` to a depth of \(depth)") }
        var result: [CELValue] = []
        try flatten(list, depth, into: &result, &evaluation)
        return .list(result)
    }

    private static func flatten(
        _ list: CELList, _ depth: Int64, into result: inout [CELValue], _ evaluation: inout Evaluation
    ) throws(EvaluationError) {
        try evaluation.charge(list.count)
        for position in 0..<list.count {
            let element = list[position]
            if depth > 0, case .list(let inner) = element {
                try flatten(inner, depth - 1, into: &result, &evaluation)
            } else {
                result.append(element)
            }
        }
    }

    private static func distinct(_ list: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        var seen: Set<MapKey> = []
        var others: [CELValue] = []
        var result: [CELValue] = []
        for element in try elements(list, "distinct") {
            if let key = MapKey(element) {
                try evaluation.charge(1)
                guard seen.insert(key).inserted else { continue }
            } else {
                try evaluation.charge(others.count + 1)
                var isKnown = false
                for other in others where try Equality.equal(element, other, &evaluation) {
                    isKnown = true
                    break
                }
                if isKnown { continue }
                others.append(element)
            }
            result.append(element)
        }
        return .list(result)
    }

    private static func reverse(_ list: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        .list(try elements(list, "reverse").reversed())
    }

    private static func first(_ list: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        guard case .list(let list) = list else { throw .noSuchOverload("first", [list]) }
        return .optional(list.count > 0 ? .init(list[0]) : .none)
    }

    private static func last(_ list: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        guard case .list(let list) = list else { throw .noSuchOverload("last", [list]) }
        return .optional(list.count > 0 ? .init(list[list.count - 1]) : .none)
    }

    private static func range(_ count: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        guard case .int(let count) = count else { throw .noSuchOverload("lists.range", [count]) }
        guard count >= 0 else { throw .invalidArgument("a range of \(count) numbers") }
        try evaluation.charge(Int(count))
        return .list((0..<count).map { .int($0) })
    }

    private static func sort(_ list: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        let elements = try elements(list, "sort")
        return .list(try sorted(elements, by: elements, &evaluation))
    }

    /// The elements in the order of their keys; equal keys keep their order.
    ///
    /// - Throws: when the keys are not all of one type that has an order.
    static func sorted(
        _ elements: [CELValue], by keys: [CELValue], _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> [CELValue] {
        guard let first = keys.first else { return [] }
        var isFirstNaN = false
        if case .double(let value) = first { isFirstNaN = value.isNaN }
        guard isFirstNaN || Ordering.order(first, first) != nil else {
            throw .noSuchOverload("sort", [first])
        }
        for key in keys where key.typeName != first.typeName {
            throw .invalidArgument(
                "`sort` needs elements of one type, not `\(first.typeName)` and `\(key.typeName)`")
        }
        // A sort makes about n · log2(n) comparisons.
        let levels = Int.bitWidth - keys.count.leadingZeroBitCount
        let bytes = keys.reduce(0) { $0 + $1.size }
        try evaluation.charge(keys.count * levels)
        try evaluation.chargeTraversal(bytes * levels)
        let order = keys.indices.sorted { left, right in
            let order = Ordering.order(keys[left], keys[right])
            return order == .before || (order != .after && left < right)
        }
        return order.map { elements[$0] }
    }
}
