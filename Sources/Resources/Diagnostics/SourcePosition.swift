/// A place in a file: its path below the configured root, and line and column from 1, the column in Unicode scalars.
package struct SourcePosition: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let file: String
    package let line: Int
    package let column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    package var description: String { "\(file):\(line):\(column)" }

    package static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        left.file != right.file
            ? left.file.utf8.lexicographicallyPrecedes(right.file.utf8)
            : (left.line, left.column) < (right.line, right.column)
    }
}
