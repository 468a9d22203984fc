import Expressions
import JSON
package import Store

/// A stored event as expressions see it; parsed once for all of them.
package struct PastEvent: Sendable {
    let type: String
    let variables: Activation

    init(type: String, variables: Activation) {
        self.type = type
        self.variables = variables
    }

    /// - Throws: `JSONError` for a stored text that is not JSON.
    package init(_ event: Event) throws {
        type = event.type
        func parsed(_ text: String?, _ absent: JSONValue) throws -> CELValue {
            CELValue(try text.map { try JSONValue(parsing: $0) } ?? absent)
        }
        variables = Activation([
            "event": .record([
                "id": .string(event.id.text), "type": .string(event.type),
                "ts": Timestamp(event.ts).map(CELValue.timestamp) ?? .null,
                "data": CELValue(try JSONValue(parsing: event.data)),
                "changed": try parsed(event.changed, []), "previous": try parsed(event.previous, [:]),
                "headers": try parsed(event.headers, [:]), "query": try parsed(event.query, [:]),
            ])
        ])
    }
}
