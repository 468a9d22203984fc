package import JSON

/// The fields of a mapping and the rules between them.
package final class ObjectSchema: Sendable {
    package let fields: [Field]
    package let rules: [FieldRule]
    /// Other systems' words for fields, and what to write here.
    let synonyms: [String: String]
    /// The names of the fields that must be there.
    let required: [String]
    private let positions: [String: Int]

    package init(_ fields: [Field], rules: [FieldRule] = [], synonyms: [String: String] = [:]) {
        self.fields = fields
        self.rules = rules
        self.synonyms = synonyms
        required = fields.filter(\.isRequired).map(\.name)
        positions = Dictionary(fields.enumerated().map { ($1.name, $0) }) { first, _ in first }
    }

    package func field(_ name: String) -> Field? { positions[name].map { fields[$0] } }
}

/// A rule between the fields of one mapping.
package enum FieldRule: Sendable {
    case exactlyOne([String])
    case atMostOne([String])
    /// All of them or none.
    case together([String])
    /// The first is allowed only together with the second.
    case needs(String, String)
    /// `field` is allowed only when `other` (or its default) is one of `values`.
    case onlyWith(String, other: String, values: [String])
    /// `field` is required when `other` (or its default) is one of `values`.
    case requiredWith(String, other: String, values: [String])
}

/// One field: its name, type, meaning, default and availability. The only description of it there is.
package struct Field: Sendable {
    package let name: String
    package let type: FieldType
    /// One or two sentences for `explain` and for editors.
    package let doc: String
    package private(set) var isRequired = false
    /// As it would be written; what the typed model gets when the field is absent. Never part of the canonical form.
    package private(set) var defaultValue: JSONValue?
    package private(set) var availability = Availability.available

    package init(_ name: String, _ type: FieldType, _ doc: String) {
        self.name = name
        self.type = type
        self.doc = doc
    }

    package var required: Field { with { $0.isRequired = true } }
    /// Refused until this mark is removed.
    package var planned: Field { with { $0.availability = .planned } }
    package func byDefault(_ value: JSONValue) -> Field { with { $0.defaultValue = value } }

    private func with(_ change: (inout Field) -> Void) -> Field {
        var copy = self
        change(&copy)
        return copy
    }
}
