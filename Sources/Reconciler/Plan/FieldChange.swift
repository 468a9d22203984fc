package import JSON

/// A difference within a resource, as people and programs see it: secrets show as `secret:<name>`.
package struct FieldChange: Sendable, Equatable {
    /// For example `spec.retry.maxAttempts` or `spec.steps[page].http.url`.
    package let path: String
    /// nil when the field is new.
    package let before: JSONValue?
    /// nil when the field goes.
    package let after: JSONValue?
    /// For lists of scalars: what comes and what goes; nil for everything else, and for a mere change of order.
    package let elements: Elements?
    /// Where the new value was written; of a field that goes, what it was in. nil when the files are not known.
    package var place: Place?
    /// What an environment brought to it, in words: `env/prod/values.yaml:1 (values.region)`.
    package var origin: String?

    package struct Place: Sendable, Equatable {
        package let file: String
        /// From 1.
        package let line: Int
    }

    package struct Elements: Sendable, Equatable {
        package let added: [JSONValue]
        package let removed: [JSONValue]

        package init(added: [JSONValue], removed: [JSONValue]) {
            self.added = added
            self.removed = removed
        }
    }

    package init(_ path: String, before: JSONValue?, after: JSONValue?, elements: Elements? = nil) {
        self.path = path
        self.before = before
        self.after = after
        self.elements = elements
    }

    /// File and line as they are shown.
    var shownPlace: String? { origin ?? place.map { "\($0.file):\($0.line)" } }
}
