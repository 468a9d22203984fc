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

    package init(depth: Int = 128) { self.depth = depth }
}
