import Resources
import Store

/// Live rows, from which those of a desired state are taken one after the other, without a table of all names.
struct LiveRows {
    private let rows: [LiveResource]
    /// Where the rows of a kind that are not passed yet begin and end.
    private var ranges: [String: Range<Int>] = [:]
    /// Rows that were passed and not taken.
    private var passed: [LiveResource] = []
    /// The kind that was asked for last, and its rows.
    private var current: (kind: ResourceKind, range: Range<Int>)?

    /// - Parameter rows: in the order of kinds and names.
    init(_ rows: [LiveResource]) {
        self.rows = rows
        var start = 0
        while start < rows.count {
            let kind = rows[start].kind
            let end = rows[start...].firstIndex { $0.kind != kind } ?? rows.count
            ranges[kind] = start..<end
            start = end
        }
    }

    /// The row of a resource; nil when it is not live.
    ///
    /// - Precondition: ids come in their order.
    mutating func take(_ id: ResourceID) -> LiveResource? {
        if current?.kind != id.kind { move(to: id.kind) }
        guard var range = current?.range else { return nil }
        defer { current?.range = range }
        while let first = range.first {
            guard rows[first].name < id.name else {
                guard rows[first].name == id.name else { return nil }
                range.removeFirst()
                return rows[first]
            }
            passed.append(rows[first])
            range.removeFirst()
        }
        return nil
    }

    /// What was not taken.
    var rest: [LiveResource] {
        var ranges = ranges
        if let current { ranges[current.kind.rawValue] = current.range }
        return passed + ranges.values.flatMap { rows[$0] }
    }

    private mutating func move(to kind: ResourceKind) {
        if let current { ranges[current.kind.rawValue] = current.range }
        current = (kind, ranges[kind.rawValue] ?? 0..<0)
    }
}
