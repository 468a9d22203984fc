import Store

/// The columns and cells of a table as they are shown, and how wide each column is.
struct TableLayout {
    private(set) var columns: [Table.Column]
    private(set) var rows: [[String]]
    private var widths: [Int]
    /// Where the last column ends when its cells go on below themselves.
    private var wrapsAt: Int?

    private static let gap = 2
    /// A column is not cut below this.
    private static let least = 16
    private static let indent = 4

    init(columns: [Table.Column], rows: [[String]]) {
        (self.columns, self.rows) = (columns, rows)
        widths = columns.indices.map { column in
            rows.reduce(columns[column].title.count) { max($0, $1[column].count) }
        }
    }

    /// The same in at most that many characters a line, as far as columns that stay whole let it.
    func fitted(to width: Int, now: UnixTime) -> TableLayout {
        guard total > width else { return self }
        var layout = withAges(now)
        while layout.total > width, let column = layout.lastOptional { layout.remove(column) }
        while layout.total > width, let column = layout.widestToCut { layout.widths[column] -= 1 }
        guard layout.columns.last?.fit == .wrapped else { return layout }
        layout = layout.withRoomForLast(in: width) ?? layout
        layout.wrapsAt = width
        return layout
    }

    /// One line, or more when the last cell is wrapped, with their ends.
    func line(_ cells: [String], style: (String) -> String = { $0 }) -> String {
        var text = ""
        for (column, cell) in cells.enumerated().dropLast() {
            let shown = cut(cell, column)
            text += shown + String(repeating: " ", count: max(0, widths[column] - shown.count) + Self.gap)
        }
        guard let last = cells.indices.last else { return "\n" }
        guard let wrapsAt else { return text + style(cut(cells[last], last)) + "\n" }
        return wrapped(cells[last], behind: text, at: wrapsAt, style)
    }

    /// Behind the text or, where that leaves too little room for it, or for one of its words, below.
    private func wrapped(
        _ cell: String, behind text: String, at end: Int, _ style: (String) -> String
    ) -> String {
        let room = end - text.count
        let lines = TextWrapping.lines(of: cell, width: max(TextWrapping.least, room))
        guard cell.count > room, room < TextWrapping.least || lines.contains(where: { $0.count > room })
        else { return text + below(text.count, lines.map(style)) }
        let above = String(text.reversed().drop { $0 == " " }.reversed())
        let width = max(TextWrapping.least, end - Self.indent)
        let first = above.count > end ? TextWrapping.lines(of: above, width: width) : [above]
        return below(Self.indent, first + TextWrapping.lines(of: cell, width: width).map(style))
    }

    /// Lines with their ends, the first one where it stands, the others so far from the edge.
    private func below(_ margin: Int, _ lines: [String]) -> String {
        lines.map { $0 + "\n" }.joined(separator: String(repeating: " ", count: margin))
    }

    private func cut(_ cell: String, _ column: Int) -> String {
        let isCut = columns[column].fit == .cut && cell.count > widths[column]
        return isCut ? cell.prefix(widths[column] - 1) + "…" : cell
    }

    /// The same with so narrow columns that the last one, which is wrapped, has room; cells that are longer than their
    /// column stand out. nil where the titles alone are too long.
    private func withRoomForLast(in width: Int) -> TableLayout? {
        var layout = self
        let before = columns.indices.dropLast()
        while before.reduce(TextWrapping.least, { $0 + layout.widths[$1] + Self.gap }) > width {
            let column = before.filter { layout.widths[$0] > columns[$0].title.count }
                .max { layout.widths[$0] < layout.widths[$1] }
            guard let column else { return nil }
            let shorter = rows.map { $0[column].count }.filter { $0 < layout.widths[column] }
            layout.widths[column] = max(columns[column].title.count, shorter.max() ?? 0)
        }
        return layout
    }

    private func withAges(_ now: UnixTime) -> TableLayout {
        let shown = columns.map { $0.fit == .time ? Table.Column("AGE") : $0 }
        let cells = rows.map { row in
            zip(columns, row).map { column, cell in
                guard column.fit == .time, let time = UnixTime(rfc3339: cell) else { return cell }
                return Self.age(now - time)
            }
        }
        return TableLayout(columns: shown, rows: cells)
    }

    /// In its largest unit: `45s`, `3m`, `2h`, `4d`.
    private static func age(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        return switch seconds {
        case ..<60: "\(seconds)s"
        case ..<3600: "\(seconds / 60)m"
        case ..<86_400: "\(seconds / 3600)h"
        default: "\(seconds / 86_400)d"
        }
    }

    private mutating func remove(_ column: Int) {
        columns.remove(at: column)
        widths.remove(at: column)
        for row in rows.indices { rows[row].remove(at: column) }
    }

    private var total: Int { widths.reduce(0, +) + Self.gap * max(0, widths.count - 1) }

    private var lastOptional: Int? { columns.lastIndex { $0.fit == .optional } }

    private var widestToCut: Int? {
        columns.indices.filter { columns[$0].fit == .cut && widths[$0] > Self.least }
            .max { widths[$0] < widths[$1] }
    }
}
