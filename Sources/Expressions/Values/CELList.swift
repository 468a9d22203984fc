package import JSON

/// The elements of a list: values, or a JSON array that is converted as it is read.
package enum CELList: Sendable {
    case values([CELValue])
    case json([JSONValue])

    package var count: Int {
        switch self {
        case .values(let elements): elements.count
        case .json(let elements): elements.count
        }
    }

    /// - Precondition: `position` is in range.
    package subscript(position: Int) -> CELValue {
        switch self {
        case .values(let elements): elements[position]
        case .json(let elements): CELValue(elements[position])
        }
    }

    /// All elements as values.
    package var elements: [CELValue] {
        switch self {
        case .values(let elements): elements
        case .json(let elements): elements.map { CELValue($0) }
        }
    }
}
