/// Where a leaf stands in a tree of JSON.
package struct TemplatePath: Sendable, Hashable {
    package enum Step: Sendable, Hashable {
        case key(String)
        case index(Int)
    }

    package let steps: [Step]

    package init(_ steps: [Step] = []) { self.steps = steps }

    func appending(_ step: Step) -> TemplatePath { TemplatePath(steps + [step]) }
}

extension TemplatePath: CustomStringConvertible {
    /// `payload.items[0].summary`; empty for the root.
    package var description: String {
        var text = ""
        for step in steps {
            switch step {
            case .key(let key): text += text.isEmpty ? key : "." + key
            case .index(let index): text += "[\(index)]"
            }
        }
        return text
    }
}
