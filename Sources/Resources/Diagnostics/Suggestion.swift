/// "did you mean": the candidate that a misspelt word most likely stands for.
package enum Suggestion {
    /// The nearest candidate by edit distance (insert, delete, replace, swap of neighbours), ignoring case; nil when
    /// none is near: at most a third of the word's length may differ. Of equally near ones the first wins.
    package static func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
        let letters = Array(word.lowercased().unicodeScalars)
        guard letters.count <= 100 else { return nil }
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let distance = distance(letters, Array(candidate.lowercased().unicodeScalars))
            guard distance <= max(1, max(letters.count, candidate.unicodeScalars.count) / 3) else { continue }
            if best == nil || distance < best!.distance { best = (candidate, distance) }
        }
        return best?.candidate
    }

    /// ``nearest(to:in:)`` as a sentence for ``Diagnostic/hint``.
    package static func hint(for word: String, in candidates: some Sequence<String>) -> String? {
        nearest(to: word, in: candidates).map { "did you mean `\($0)`?" }
    }

    /// Optimal string alignment distance.
    private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 0..<left.count {
            var current = [row + 1]
            for column in 0..<right.count {
                let replace = last[column] + (left[row] == right[column] ? 0 : 1)
                var value = min(replace, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    value = min(value, beforeLast[column - 1] + 1)
                }
                current.append(value)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
