/// The type of an input of a workflow.
package enum InputType: String, Sendable, CaseIterable {
    case string, integer, number, boolean, object, list

    /// Whether a node, as YAML has it, is of the type.
    func accepts(_ node: Node) -> Bool {
        switch (self, node.content) {
        case (_, .invalid): true
        case (.object, .mapping), (.list, .sequence): true
        case (.string, .scalar(let scalar)): scalar.tag == .string
        case (.integer, .scalar(let scalar)): scalar.tag == .int
        case (.number, .scalar(let scalar)): scalar.tag == .int || scalar.tag == .float
        case (.boolean, .scalar(let scalar)): scalar.tag == .bool
        default: false
        }
    }
}

/// An input as it is declared in a document, valid or not.
struct WorkflowInput: Sendable {
    let name: String
    /// nil when it cannot be made out.
    let type: InputType?
    let isRequired: Bool
    let defaultValue: Node?

    /// The inputs of a `manual` trigger.
    static func all(of manual: Node) -> [WorkflowInput] {
        (manual["inputs"]?.entries ?? []).map { entry in
            WorkflowInput(
                name: entry.key, type: entry.value["type"]?.string.flatMap(InputType.init(rawValue:)),
                isRequired: entry.value["required"]?.bool ?? true, defaultValue: entry.value["default"])
        }
    }
}
