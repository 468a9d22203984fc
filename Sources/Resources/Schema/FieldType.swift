/// What a field may hold. One value drives validation, the canonical form, the JSON Schema and `explain`.
package indirect enum FieldType: Sendable {
    case string(StringRule)
    /// An absolute `http` or `https` URL without userinfo and fragment.
    case url
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case bool
    /// The literal `false`, which turns something off.
    case off
    case enumeration([EnumCase])
    case duration(ClosedRange<Duration>)
    case byteCount(ClosedRange<ByteCount>)
    case rate
    /// Bare CEL that yields a boolean.
    case condition(ExpressionScope)
    /// Bare CEL.
    case expression(ExpressionScope, ExpressionResult)
    /// A string with `${ CEL }` in it.
    case template(ExpressionScope, Availability)
    /// A payload: any JSON, whose strings may hold `${ CEL }` when there is a scope. Keeps the order of keys.
    case tree(ExpressionScope?)
    /// The name of another resource.
    case reference(ResourceKind)
    /// A type of the catalogue, `prefix.*`, or `*`.
    case eventPattern
    /// A type of the catalogue or `custom.<name>`.
    case eventType
    case list(FieldType, ListRule)
    case map(key: StringRule, value: FieldType, MapRule)
    case object(ObjectSchema)
    /// An object of ``KindSchema/definitions``, for recursion.
    case definition(String)
    /// A value or an explicit null.
    case nullable(FieldType)
    /// One of several that differ in form (scalar, list, mapping).
    case union([FieldType])
}

/// A value of an enumeration.
package struct EnumCase: Sendable, ExpressibleByStringLiteral {
    package let name: String
    package let availability: Availability

    package init(_ name: String, _ availability: Availability = .available) {
        self.name = name
        self.availability = availability
    }

    package init(stringLiteral name: String) { self.init(name) }
}

/// What a list may hold besides the type of its elements.
package struct ListRule: Sendable {
    package var count: ClosedRange<Int> = 0...1_000
    /// Order means nothing and repetitions are errors; the canonical form is sorted.
    package var isSet = false
    /// Numbers that may stand in it and change nothing, with the reason; a warning says so.
    package var idle: [Int: String] = [:]

    package static let any = ListRule()
    package static let nonEmpty = ListRule(count: 1...1_000)
    package static let set = ListRule(count: 1...100, isSet: true)
}

/// What a mapping with free keys may hold besides the types of keys and values.
package struct MapRule: Sendable {
    package var count: ClosedRange<Int> = 0...100
    /// Whether the canonical form keeps the order of keys.
    package var keepsOrder = false
    /// Keys that differ in case only are the same.
    package var ignoresCase = false
}
