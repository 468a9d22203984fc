import JSON
import Resources
import Store

/// A run of a workflow with its steps, for a terminal.
struct RunText {
    let palette: Palette
    let now: UnixTime
    /// Whether long values are cut, as for a terminal; `--format json` has them whole there, too.
    let cutsValues: Bool

    /// - Parameter run: as the API shows it.
    func text(_ run: JSONValue) -> String {
        func field(_ name: String) -> String { run[name]?.string ?? "-" }
        var text = "\(palette.bold(field("id")))  \(status(field("status")))\n\n"
        text += "  workflow   \(field("workflow"))  \(palette.dim(String(field("revision").prefix(12))))\n"
        text += "  trigger    \(field("eventType"))  \(field("event"))\n"
        if let record = run["record"]?.string { text += "  record     \(Printable.line(record))\n" }
        if let parent = run["parent"]?.string { text += "  called by  \(parent)  \(field("parentStep"))\n" }
        if let earlier = run["retryOf"]?.string { text += "  retry of   \(earlier)\n" }
        for later in run["retries"]?.array ?? [] { text += "  retried    \(later.string ?? "")\n" }
        if let key = run["concurrencyKey"]?.string { text += "  key        \(Printable.line(key))\n" }
        text += "  created    \(field("createdAt"))\n"
        if let time = run["finishedAt"]?.string {
            text += "  finished   \(time)\(took(run["startedAt"], run["finishedAt"]))\n"
        } else if let time = run["wakeAt"]?.string {
            // Of a paused run only timeouts go on.
            let label = field("status") == "paused" ? "times out " : "next time "
            text += "  \(label) \(time)\(remaining(until: time))\n"
        }
        if let error = error(run["error"]) { text += "  error      \(palette.red(error))\n" }
        if field("status") == "paused" {
            text += "  hint       mend what failed, then `zentra-sync runs resume \(field("id"))`\n"
        }
        if let problem = run["problem"]?.string {
            text += "  problem    \(palette.red(Printable.line(problem)))\n"
        }
        for step in run["steps"]?.array ?? [] { text += "\n" + self.step(step) }
        return text
    }

    private func step(_ step: JSONValue) -> String {
        let state = step["status"]?.string ?? ""
        var line = "  \(mark(state)) \(palette.bold(step["step"]?.string ?? ""))  \(status(state))"
        if step["paused"]?.bool == true { line += ", paused" }
        if let attempts = step["attempts"]?.int, attempts > 1 { line += "  \(attempts) attempts" }
        line += took(step["startedAt"], step["finishedAt"])
        var text = line + "\n"
        let waits = step["waitsUntil"]?.string != nil
        for (name, value) in members(step["inputs"]) where !(waits && name == "until") {
            text += row("in", name, value)
        }
        for (name, value) in members(step["outputs"]) { text += row("out", name, value) }
        if let error = error(step["error"]) { text += "      error  \(palette.red(error))\n" }
        if let time = step["nextAttemptAt"]?.string {
            text += "      next   attempt at \(time)\(remaining(until: time))\n"
        }
        if let time = step["waitsUntil"]?.string { text += "      until  \(time)\(remaining(until: time))\n" }
        return text
    }

    private func members(_ value: JSONValue?) -> [(String, JSONValue)] {
        (value?.object ?? [:]).map { ($0.key, $0.value) }
    }

    private func row(_ direction: String, _ name: String, _ value: JSONValue) -> String {
        let label = direction + String(repeating: " ", count: 5 - direction.count)
        let text = Printable.line(value.text)
        let shown = cutsValues && text.count > Self.width ? text.prefix(Self.width) + "…" : text[...]
        return "      \(palette.dim(label))  \(Printable.line(name)) \(shown)\n"
    }

    private static let width = 160

    private func error(_ error: JSONValue?) -> String? {
        guard let message = error?["message"]?.string else { return nil }
        let place = error?["step"]?.string.map { "\($0): " } ?? ""
        return Printable.line("\(place)\(error?["type"]?.string ?? "error"): \(message)")
    }

    /// How long that is from now, in its two largest units; nothing for what is over.
    private func remaining(until text: String) -> String {
        guard let time = UnixTime(rfc3339: text), time > now else { return "" }
        let seconds = (time - now).components.seconds
        let parts = [
            (seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"),
            (seconds % 60, "s"),
        ]
        let shown = parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 > 0 }
        let length =
            shown.isEmpty ? "less than a second" : shown.map { "\($0.0)\($0.1)" }.joined(separator: " ")
        return palette.dim("  in \(length)")
    }

    private func took(_ start: JSONValue?, _ end: JSONValue?) -> String {
        guard let start = start?.string.flatMap(UnixTime.init(rfc3339:)),
            let end = end?.string.flatMap(UnixTime.init(rfc3339:))
        else { return "" }
        let milliseconds = (end - start).milliseconds
        let text =
            milliseconds < 1000
            ? "\(milliseconds) ms" : "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
        return palette.dim("  \(text)")
    }

    private func mark(_ status: String) -> String {
        switch status {
        case "succeeded": palette.green("✓")
        case "failed": palette.red("✗")
        case "skipped", "cancelled": palette.dim("○")
        default: palette.yellow("●")
        }
    }

    private func status(_ status: String) -> String {
        switch status {
        case "succeeded": palette.green(status)
        case "failed", "refused": palette.red(status)
        case "cancelled", "skipped": palette.dim(status)
        default: palette.yellow(status)
        }
    }
}
