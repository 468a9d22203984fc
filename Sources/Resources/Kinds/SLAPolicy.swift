extension KindSchema {
    static let slaPolicy = KindSchema(
        kind: .slaPolicy,
        doc:
            "When an unresolved ticket counts as breached. The earliest due time of the matching policies counts.",
        spec: ObjectSchema([
            Field(
                "if", .condition(.slaPolicy), "Which tickets the policy covers; `event.data` is the ticket."
            ).required,
            Field(
                "resolveWithin", .duration(.seconds(1) ... .seconds(3_650 * 86_400)),
                "The time from the ticket's creation until it has to be resolved."
            ).required,
        ]))
}

/// `SLAPolicy.spec`.
package struct SLAPolicySpec: Sendable, Hashable {
    package let condition: String
    package let resolveWithin: Duration
}

extension SLAPolicySpec: SpecDecodable {
    init(_ spec: SpecReader) throws(SpecError) {
        condition = try spec.string("if")
        resolveWithin = try spec.duration("resolveWithin")
    }
}
