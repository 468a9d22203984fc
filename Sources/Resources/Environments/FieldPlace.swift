/// File and line at which a value was written.
package struct FieldPlace: Sendable, Hashable, CustomStringConvertible {
    package let file: String
    /// From 1.
    package let line: Int
    /// The name of the environment's value that was filled in there, when it was one.
    package let value: String?

    package init(file: String, line: Int, value: String? = nil) {
        self.file = file
        self.line = line
        self.value = value
    }

    /// `env/prod/erp.yaml:3`, or `env/prod/values.yaml:1 (values.region)`
    package var description: String { "\(file):\(line)" + (value.map { " (values.\($0))" } ?? "") }
}
