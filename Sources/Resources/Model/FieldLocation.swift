/// Where a value stands in a resource: as text, and as the steps that lead there in a file.
package struct FieldLocation: Sendable, Hashable {
    package enum Step: Sendable, Hashable {
        case key(String)
        /// The element of a list that has this `id` or `name`.
        case named(String)
        case index(Int)
    }

    /// As ``MemberPath`` writes it: `spec.steps[page].http.url`.
    package let text: String
    let steps: [Step]

    /// The resource itself.
    package static let root = FieldLocation(text: "", steps: [])

    private init(text: String, steps: [Step]) {
        self.text = text
        self.steps = steps
    }

    package func appending(_ step: Step) -> FieldLocation {
        let text =
            switch step {
            case .key(let key): MemberPath.appending(key, to: text)
            case .named(let name): "\(text)[\(name)]"
            case .index(let index): "\(text)[\(index)]"
            }
        return FieldLocation(text: text, steps: steps + [step])
    }
}
