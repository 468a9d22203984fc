/// The description of one kind of resource.
package struct KindSchema: Sendable {
    package let kind: ResourceKind
    package let doc: String
    package let spec: ObjectSchema
    package var availability = Availability.available
    /// Objects that contain themselves, by name.
    package var definitions: [String: ObjectSchema] = [:]
    /// Names that have a meaning of their own.
    package var reservedNames: [String] = []

    package static func of(_ kind: ResourceKind) -> KindSchema {
        switch kind {
        case .secretReference: .secretReference
        case .apiToken: .apiToken
        case .slaPolicy: .slaPolicy
        case .inboundEndpoint: .inboundEndpoint
        case .subscription: .subscription
        case .workflow: .workflow
        case .workflowTest: .workflowTest
        }
    }

    /// The annotation that refuses a deletion.
    package static let protectAnnotation = "sync.zentra.dev/protect"

    /// `metadata` of every kind.
    package static let metadata = ObjectSchema([
        Field("name", .string(.name), "The resource's name, unique among those of its kind.").required,
        Field(
            "labels", .map(key: .labelKey, value: .string(.labelValue), MapRule()),
            "Your own words for grouping."),
        Field(
            "annotations", .map(key: .labelKey, value: .string(.labelValue), MapRule()),
            "Notes to tools. `\(protectAnnotation): \"true\"` refuses to delete the resource."),
    ])
}
