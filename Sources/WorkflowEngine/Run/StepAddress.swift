/// A step of a run: its id, and within loops the index of the element of each loop around it, the outermost first.
///
/// Ids are unique in a workflow, so this names one step of one iteration: `page`, `notify[3]`, `inner[3,1]`.
package struct StepAddress: Sendable, Hashable {
    package let step: String
    package let iteration: [Int]

    package init(_ step: String, iteration: [Int] = []) {
        self.step = step
        self.iteration = iteration
    }
}

extension StepAddress: CustomStringConvertible {
    package var description: String {
        iteration.isEmpty ? step : "\(step)[\(iteration.map(String.init).joined(separator: ","))]"
    }

    /// Reads the description back; nil for another text.
    package init?(parsing text: String) {
        guard let opening = text.firstIndex(of: "[") else {
            guard !text.isEmpty else { return nil }
            self.init(text)
            return
        }
        guard text.last == "]", opening > text.startIndex else { return nil }
        let inner = text[text.index(after: opening)...].dropLast()
        let indices = inner.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        guard !indices.contains(nil) else { return nil }
        self.init(String(text[..<opening]), iteration: indices.compactMap { $0 })
    }
}
