/// The form for people, as `docs` show it.
package struct PlanText: Sendable {
    private let report: PlanReport
    private let palette: PlanPalette
    private static let idWidth = 36
    /// Beyond it a long path pushes its value away instead of all others.
    private static let pathWidth = 40

    package init(_ report: PlanReport, palette: PlanPalette = .plain) {
        self.report = report
        self.palette = palette
    }

    package var text: String {
        let plan = report.plan
        var lines = [palette.bold("zentra-sync plan") + "   " + Self.heading(plan), ""]
        let width = plan.changes.map(\.id.count).filter { $0 <= Self.pathWidth }.max() ?? 0
        for change in plan.changes { lines += self.lines(change, width: max(width, Self.idWidth)) }
        for change in plan.withheld {
            lines += self.lines(change, mark: "!", colour: .grey, width: max(width, Self.idWidth))
        }
        if !plan.isEmpty || !plan.withheld.isEmpty { lines.append("") }
        lines.append(Self.summary(plan))
        for refusal in report.refusals {
            lines += [
                "", palette.paint("refused: ", .red) + ShownText.line(refusal.message),
                "  hint: \(refusal.hint)",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// `main 4f2c9e1 “Page on-call”   (live: 91b0d2e, serial 41)`
    static func heading(_ plan: Plan) -> String {
        let revision = plan.revision
        let commit = String(revision.commit.prefix(7))
        let wanted = [
            // A commit may have been asked for by its id.
            revision.reference == commit ? "" : ShownText.line(revision.reference), commit,
            revision.subject.isEmpty ? "" : "“\(ShownText.line(ShownText.short(revision.subject)))”",
        ].filter { !$0.isEmpty }.joined(separator: " ")
        return "\(wanted)   (live: \(live(plan.live)))"
    }

    private static func live(_ live: LiveRevision) -> String {
        if live.serial == 0 { return "nothing yet" }
        return live.commit.isEmpty
            ? "serial \(live.serial)" : "\(live.commit.prefix(7)), serial \(live.serial)"
    }

    /// `Plan: 2 to create, 1 to update, 1 to delete, 37 unchanged.`
    static func summary(_ plan: Plan) -> String {
        let withheld = plan.withheld.isEmpty ? "" : ", \(plan.withheld.count) withheld"
        guard !plan.isEmpty else {
            return plan.unchanged == 0 && plan.withheld.isEmpty
                ? "Nothing to change: nothing is configured."
                : "Nothing to change, \(plan.unchanged) unchanged\(withheld)."
        }
        let parts = PlannedChange.Action.allCases.compactMap { action in
            plan.count(action) > 0 ? "\(plan.count(action)) to \(action.rawValue)" : nil
        }
        return "Plan: \((parts + ["\(plan.unchanged) unchanged"]).joined(separator: ", "))\(withheld)."
    }

    private func lines(_ change: PlannedChange, width: Int) -> [String] {
        lines(change, mark: change.action.mark, colour: change.action.colour, width: width)
    }

    private func lines(
        _ change: PlannedChange, mark: String, colour: PlanPalette.Colour, width: Int
    ) -> [String] {
        let mark = palette.paint(mark, colour)
        let place = change.desired.map { "   \(ShownText.line($0.file)):\($0.line)" } ?? ""
        let id = place.isEmpty ? change.id : change.id.padded(width)
        let pathWidth = change.fields.map(\.path.count).filter { $0 <= Self.pathWidth }.max() ?? 0
        return ["  \(mark) \(id)\(palette.paint(place, .grey))"]
            + change.fields.flatMap { lines($0, width: pathWidth + 4) }
            + change.notes.map { "      \(ShownText.line($0))" }
    }

    private func lines(_ field: FieldChange, width: Int) -> [String] {
        let path = "      " + ShownText.line(field.path).padded(width)
        let place = field.shownPlace.map { palette.paint("   \(ShownText.line($0))", .grey) } ?? ""
        guard let elements = field.elements else {
            let before = field.before.map(ShownText.value) ?? "(unset)"
            let after = field.after.map(ShownText.value) ?? "(unset)"
            return ["\(path)\(palette.paint(before, .red)) → \(palette.paint(after, .green))\(place)"]
        }
        let rows =
            elements.added.map { palette.paint("+ \(ShownText.element($0))", .green) }
            + elements.removed.map { palette.paint("- \(ShownText.element($0))", .red) }
        let indent = String(repeating: " ", count: 6 + width)
        return rows.enumerated().map { $0 == 0 ? path + $1 + place : indent + $1 }
    }
}

extension PlannedChange.Action {
    var mark: String {
        switch self {
        case .create: "+"
        case .update: "~"
        case .delete: "-"
        }
    }

    fileprivate var colour: PlanPalette.Colour {
        switch self {
        case .create: .green
        case .update: .yellow
        case .delete: .red
        }
    }
}
