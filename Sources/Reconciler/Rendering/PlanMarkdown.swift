/// The form for a comment on a pull request: summary first, details folded, never cut off by the host.
package struct PlanMarkdown: Sendable {
    private let report: PlanReport
    /// Hosts cut off at 65,536 characters; some count UTF-16, some bytes.
    static let limit = 65_000

    package init(_ report: PlanReport) { self.report = report }

    package var text: String {
        let plan = report.plan
        var text =
            "### zentra-sync plan\n\n**\(PlanText.summary(plan))**\n\n\(Self.inline(PlanText.heading(plan)))\n"
        for refusal in report.refusals.prefix(Self.refusalLimit) {
            text +=
                "\n> **Refused** (`\(refusal.code.rawValue)`): \(Self.inline(refusal.message))  \n> \(Self.inline(refusal.hint))\n"
        }
        if report.refusals.count > Self.refusalLimit {
            text += "\n> **Refused**, \(report.refusals.count - Self.refusalLimit) more reasons\n"
        }
        guard !plan.isEmpty || !plan.withheld.isEmpty else { return text }
        return text + table(room: Self.limit / 3)
            + details(room: Self.limit - text.utf8.count - Self.limit / 3)
    }

    private static let refusalLimit = 20

    /// One row for each change, as many as there is room for.
    private func table(room: Int) -> String {
        let head = "\n| | resource | file |\n|---|---|---|\n"
        let marked =
            report.plan.changes.map { ($0, $0.action.mark) } + report.plan.withheld.map { ($0, "!") }
        let rows = marked.lazy.map { change, mark in
            let place = change.desired.map { "`\(Self.code($0.file)):\($0.line)`" } ?? ""
            return "| `\(mark)` | `\(change.id)` | \(place) |\n"
        }
        let (shown, left) = Self.fitting(rows, room: room - head.utf8.count)
        return head + shown + (left > 0 ? "\n…and \(left) more.\n" : "")
    }

    /// What differs in each change, folded.
    private func details(room: Int) -> String {
        let open = "\n<details><summary>Details</summary>\n\n"
        let close = "</details>\n"
        let told = (report.plan.changes + report.plan.withheld).filter {
            !$0.fields.isEmpty || !$0.notes.isEmpty
        }
        let sections = told.lazy.map(section)
        let (shown, left) = Self.fitting(sections, room: room - open.utf8.count - close.utf8.count - 100)
        guard !shown.isEmpty || left > 0 else { return "" }
        let rest = left > 0 ? "\n…and details of \(left) more: see `zentra-sync plan` in the log.\n" : ""
        return open + shown + rest + close
    }

    private func section(_ change: PlannedChange) -> String {
        var text = "**`\(change.id)`**\n\n"
        for field in change.fields {
            text += "- `\(Self.code(field.path))` "
            if let elements = field.elements {
                let parts =
                    elements.added.map { "+ `\(Self.code(ShownText.element($0)))`" }
                    + elements.removed.map { "− `\(Self.code(ShownText.element($0)))`" }
                text += parts.joined(separator: ", ") + place(field) + "\n"
            } else {
                let sides = [field.before, field.after].map {
                    $0.map { "`\(Self.code(ShownText.value($0)))`" } ?? "(unset)"
                }
                text += sides.joined(separator: " → ") + place(field) + "\n"
            }
        }
        for note in change.notes { text += "- *\(Self.inline(note))*\n" }
        return text + "\n"
    }

    private func place(_ field: FieldChange) -> String {
        field.shownPlace.map { " (\(Self.inline($0)))" } ?? ""
    }

    /// As many pieces as there is room for, from the first on, and how many are left.
    private static func fitting(_ pieces: some Collection<String>, room: Int) -> (text: String, left: Int) {
        var text = ""
        for (index, piece) in pieces.enumerated() {
            guard text.utf8.count + piece.utf8.count <= room else { return (text, pieces.count - index) }
            text += piece
        }
        return (text, 0)
    }

    /// Text between backticks: nothing in it ends the code, the table's cell or the line; long values are cut.
    private static func code(_ text: String) -> String {
        let line = ShownText.line(text).replacing("`", with: "'").replacing("|", with: "¦")
        return line.count <= valueLimit ? line : line.prefix(valueLimit) + "…"
    }

    private static let valueLimit = 300

    /// Text that nobody checked, without the characters that would make it markup, a mention or a link.
    private static func inline(_ text: String) -> String {
        var result = ""
        for character in ShownText.line(text) {
            if "\\`*_[]<>#|@!&".contains(character) { result += "\\" }
            result.append(character)
        }
        return result
    }
}
