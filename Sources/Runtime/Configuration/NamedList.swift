import Resources

/// A part of the configuration that is called by its name.
protocol Named {
    var name: String { get }
}

/// Values by name, and in the order of their names.
struct NamedList<Value: Named & Sendable>: Sendable {
    private(set) var byName: [String: Value] = [:]
    private(set) var inOrder: [Value] = []

    /// - Parameter edits: what becomes of some of them, each once; nil for one that goes.
    mutating func apply(_ edits: [(name: String, value: Value?)]) {
        guard !edits.isEmpty else { return }
        for (name, value) in edits { byName[name] = value }
        let sorted = edits.sorted { $0.name < $1.name }.map { (key: $0.name, element: $0.value) }
        inOrder = inOrder.applying(sorted, key: \.name).list
    }
}
