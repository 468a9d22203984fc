import Store

/// Columns for people: two spaces between them, the last one as long as it is. A terminal that is too narrow gets a form
/// that fits; everywhere else nothing is changed or missing.
struct Table {
    private let columns: [Column]
    private var rows: [Row] = []

    init(_ columns: [Column]) { self.columns = columns }

    /// - Parameter style: of the last cell.
    mutating func add(_ cells: [String], style: @escaping (String) -> String = { $0 }) {
        precondition(cells.count == columns.count)
        rows.append(Row(cells: cells, style: style))
    }

    /// - Parameter width: of the terminal; nil where there is none.
    func text(width: Int? = Console.standard.width, now: UnixTime = .now()) -> String {
        let whole = TableLayout(columns: columns, rows: rows.map(\.cells))
        let layout = width.map { whole.fitted(to: $0, now: now) } ?? whole
        let header = layout.line(layout.columns.map(\.title))
        return zip(layout.rows, rows).reduce(header) { $0 + layout.line($1.0, style: $1.1.style) }
    }

    private struct Row {
        let cells: [String]
        let style: (String) -> String
    }
}

extension Table {
    struct Column {
        let title: String
        let fit: Fit

        init(_ title: String, _ fit: Fit = .whole) {
            self.title = title
            self.fit = fit
        }
    }

    /// What may happen to a column on a terminal that is too narrow.
    enum Fit {
        /// Nothing: somebody may copy it.
        case whole
        /// Its cells are cut.
        case cut
        /// It is left out before anything is cut; of several the last one first.
        case optional
        /// A time in the form of RFC 3339 becomes how long ago that is.
        case time
        /// The last column goes on below itself.
        case wrapped
    }
}
