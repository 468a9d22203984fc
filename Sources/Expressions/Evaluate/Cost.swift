/// The units in which work is measured; their sizes are those of CEL in Kubernetes.
///
/// One unit is one access to a variable, field or element, one comparison, or the traversal of ten bytes.
package enum Cost {
    /// What one evaluation may use up where nothing else is said.
    package static let defaultLimit = 1_000_000

    static let access = 1
    static let call = 1
    static let createList = 10
    static let createMap = 30
    /// Bytes of a text that are traversed for one unit.
    static let traversal = 10
    /// Bytes of a regular expression that count for one unit.
    static let patternTraversal = 4
    /// Compiling a regular expression during an evaluation, which is far more than matching with it.
    static let compilePattern = 1000

    /// Of one pass through a comprehension, without its body.
    static func iteration(_ kind: ComprehensionKind) -> Int {
        switch kind {
        case .all: 3
        case .exists: 4
        case .existsOne: 2
        case .filter: 3
        case .map, .transformMap, .transformMapEntry, .sortBy: 2
        }
    }

    /// Of keeping one element of a result, which creates a list or a map in the model of CEL's specification.
    static func collect(_ kind: ComprehensionKind) -> Int {
        switch kind {
        case .filter, .map, .sortBy: createList
        case .transformMap, .transformMapEntry: createMap
        case .all, .exists, .existsOne: 0
        }
    }

    /// More than any evaluation may cost; sums and products stay below it, so that they cannot overflow.
    private static let ceiling = 1 << 60

    static func add(_ left: Int, _ right: Int) -> Int { min(left + right, ceiling) }

    static func multiply(_ left: Int, _ right: Int) -> Int {
        let (product, overflow) = left.multipliedReportingOverflow(by: right)
        return overflow ? ceiling : min(product, ceiling)
    }

    static func traversing(_ bytes: Int) -> Int { (bytes + traversal - 1) / traversal }
}

/// What a call costs, in terms of the sizes of its arguments; used by the estimate and by the evaluation.
enum CallCost: Sendable {
    /// One unit.
    case unit
    /// The first argument is traversed.
    case traverseFirst
    /// All arguments are traversed.
    case traverseAll
    /// The first argument is searched for the second.
    case search
    /// The first argument is matched against the second, a regular expression.
    case pattern
    /// Every element of every argument is visited.
    case elements
    /// Every element of one argument is compared with every element of the other.
    case elementPairs

    /// - Parameters: the sizes, in bytes, elements, or 1, of the first argument, the second (or the only one),
    ///   and of all together.
    func units(first: Int, second: Int, total: Int) -> Int {
        switch self {
        case .unit: Cost.call
        case .traverseFirst: max(1, Cost.traversing(first))
        case .traverseAll: max(1, Cost.traversing(total))
        case .search: Self.product(Cost.traversing(first), Cost.traversing(second))
        case .pattern:
            Self.product(
                Cost.traversing(first + 1), (second + Cost.patternTraversal - 1) / Cost.patternTraversal)
        case .elements: max(1, total)
        case .elementPairs: Self.product(first, second)
        }
    }

    private static func product(_ left: Int, _ right: Int) -> Int { max(1, Cost.multiply(left, right)) }
}

extension CELValue {
    /// The size by which work on the value is measured: bytes of texts, elements of collections, else 1.
    var size: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .bytes(let bytes): bytes.count
        case .list(let list): list.count
        case .map(let map): map.count
        case .secret(let secret): secret.parts.count
        default: 1
        }
    }
}
