/// Why a text is not JSON, and the offset of the byte where that shows.
package struct JSONError: Error, Equatable, CustomStringConvertible {
    package let offset: Int
    package let message: String

    package init(offset: Int, message: String) {
        self.offset = offset
        self.message = message
    }

    package var description: String { "\(message) at byte \(offset)" }
}

/// What a parser accepts beyond the grammar.
package struct JSONLimits: Sendable {
    /// Arrays and objects within each other; the outermost is 1.
    package var depth: Int

    /// What came from elsewhere: there is room around it in the documents that it becomes part of.
    package static let received = JSONLimits(depth: 128)

    package init(depth: Int = 256) { self.depth = depth }

    /// For a document around it.
    package func deeper(by levels: Int) -> JSONLimits { JSONLimits(depth: depth + levels) }
}
