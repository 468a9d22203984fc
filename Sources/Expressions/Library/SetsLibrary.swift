/// The sets extension: lists taken as sets.
enum SetsLibrary {
    static let functions: [Function] = [
        Function("sets.contains(list($T), list($T)) -> bool", cost: .elementPairs, binary: contains),
        Function("sets.equivalent(list($T), list($T)) -> bool", cost: .elementPairs, binary: equivalent),
        Function("sets.intersects(list($T), list($T)) -> bool", cost: .elementPairs, binary: intersects),
    ]

    /// Every element of the second list is in the first.
    private static func contains(
        _ list: CELValue, _ sublist: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        let (list, sublist) = try lists("sets.contains", list, sublist)
        return .bool(try isSubset(sublist, of: list, &evaluation))
    }

    private static func equivalent(
        _ left: CELValue, _ right: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        let (left, right) = try lists("sets.equivalent", left, right)
        guard try isSubset(left, of: right, &evaluation) else { return .bool(false) }
        return .bool(try isSubset(right, of: left, &evaluation))
    }

    private static func intersects(
        _ left: CELValue, _ right: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        let (left, right) = try lists("sets.intersects", left, right)
        for element in left where try isMember(element, of: right, &evaluation) { return .bool(true) }
        return .bool(false)
    }

    private static func lists(
        _ function: String, _ left: CELValue, _ right: CELValue
    ) throws(EvaluationError) -> ([CELValue], [CELValue]) {
        guard case .list(let first) = left, case .list(let second) = right else {
            throw .noSuchOverload(function, [left, right])
        }
        return (first.elements, second.elements)
    }

    private static func isSubset(
        _ elements: [CELValue], of set: [CELValue], _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> Bool {
        for element in elements {
            guard try isMember(element, of: set, &evaluation) else { return false }
        }
        return true
    }

    private static func isMember(
        _ element: CELValue, of set: [CELValue], _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> Bool {
        for member in set where try Equality.equal(element, member, &evaluation) { return true }
        return false
    }
}
