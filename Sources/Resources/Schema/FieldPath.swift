/// Where a value stands in a document: `spec.steps[0].http.body`. The text is made only when it is asked for.
struct FieldPath: CustomStringConvertible {
    private enum Element {
        case key(String)
        case index(Int)
    }

    private var elements: [Element] = []

    mutating func append(_ key: String) { elements.append(.key(key)) }
    mutating func append(_ index: Int) { elements.append(.index(index)) }
    mutating func removeLast() { elements.removeLast() }

    /// The last key, which is what messages call the value.
    var name: String {
        for element in elements.reversed() {
            if case .key(let key) = element { return key }
        }
        return "the document"
    }

    var description: String {
        var text = ""
        for element in elements {
            switch element {
            case .key(let key): text += text.isEmpty ? key : ".\(key)"
            case .index(let index): text += "[\(index)]"
            }
        }
        return text
    }
}
