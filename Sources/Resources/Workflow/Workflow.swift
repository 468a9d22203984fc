internal import JSON

extension KindSchema {
    static let workflow = KindSchema(
        kind: .workflow,
        doc: "What happens on an event: branch, call, wait, change records.",
        spec: ObjectSchema([
            Field("timeout", .duration(.seconds(1) ... .seconds(90 * 86_400)), "The bound on a whole run.").byDefault("2h")
        ]),
        availability: .planned)

    static let workflowTest = KindSchema(
        kind: .workflowTest,
        doc: "Sample events and expectations for a workflow.",
        spec: ObjectSchema([
            Field("workflow", .reference(.workflow), "The workflow that is tested.").required
        ]),
        availability: .planned)
}

package struct WorkflowSpec: Sendable, Hashable {
    package let timeout: Duration
}

extension WorkflowSpec: SpecDecodable {
    init(_ spec: SpecReader) throws(SpecError) {
        timeout = try spec.duration("timeout")
    }
}

package struct WorkflowTestSpec: Sendable, Hashable {
    package let workflow: String
}

extension WorkflowTestSpec: SpecDecodable {
    init(_ spec: SpecReader) throws(SpecError) {
        workflow = try spec.string("workflow")
    }
}
