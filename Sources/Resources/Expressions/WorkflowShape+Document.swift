/// Reads the shape off a document, valid or not.
extension WorkflowShape {
    /// - Parameters:
    ///   - spec: the workflow's `spec`.
    ///   - path: where the expression stands, such as `spec.steps[0].if`.
    init(_ spec: Node, at path: String) {
        vars = spec["vars"]?.keys ?? []
        hasError = path.hasPrefix("spec.onFailure[") || path.contains(".catch[")
        for list in ["steps", "onFailure", "finally"] {
            collect(spec[list], "spec.\(list)", path)
        }
    }

    private mutating func collect(_ list: Node?, _ place: String, _ path: String) {
        for (index, step) in (list?.elements ?? []).enumerated() {
            let place = "\(place)[\(index)]"
            if let id = step["id"]?.string {
                steps.append(
                    Step(id: id, outputs: Outputs(step), hasCallback: step["waitFor"]?["callback"] != nil))
            }
            collectInside(step, place, path)
        }
    }

    private mutating func collectInside(_ step: Node, _ place: String, _ path: String) {
        if let loop = step["forEach"] {
            let inner = "\(place).forEach.steps"
            if path.hasPrefix(inner + "[") { elements.append(loop["as"]?.string ?? "item") }
            collect(loop["steps"], inner, path)
        }
        for (index, branch) in (step["switch"]?["cases"]?.elements ?? []).enumerated() {
            collect(branch["steps"], "\(place).switch.cases[\(index)].steps", path)
        }
        collect(step["switch"]?["default"], "\(place).switch.default", path)
        for name in step["parallel"]?["branches"]?.keys ?? [] {
            collect(
                step["parallel"]?["branches"]?[name], "\(place).parallel.branches.\(name)", path)
        }
        for (index, handler) in (step["catch"]?.elements ?? []).enumerated() {
            collect(handler["steps"], "\(place).catch[\(index)].steps", path)
        }
    }
}

extension WorkflowShape.Outputs {
    init(_ step: Node) {
        if let names = step["outputs"]?.keys ?? step["set"]?.keys {
            self = .named(names)
        } else if step["http"] != nil {
            self = .status
        } else if step["waitFor"] != nil {
            self = .wait
        } else {
            self = .open
        }
    }
}

extension Node {
    /// The keys of a mapping.
    var keys: [String]? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.map(\.key)
    }

    /// The elements of a list.
    var elements: [Node]? {
        guard case .sequence(let nodes) = content else { return nil }
        return nodes
    }
}
