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
    /// File and line of the new value, when an overlay or an environment's values brought it.
    package var origin: String?

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
}
