import JSON

/// A delivery with its attempts, for a terminal.
struct DeliveryText {
    let palette: Palette

    /// - Parameter delivery: as the API shows it.
    func text(_ delivery: JSONValue) -> String {
        func field(_ name: String) -> String { delivery[name]?.string ?? "-" }
        var text = "\(palette.bold(field("id")))  \(status(field("status")))\n\n"
        text += "  subscription  \(field("subscription"))\n"
        text += "  event         \(field("eventType"))  \(field("event"))\n"
        text += "  created       \(field("createdAt"))\n"
        if let time = delivery["finishedAt"]?.string { text += "  finished      \(time)\n" }
        if let reason = Self.reasons[field("status")] { text += "  reason        \(reason)\n" }
        if let time = delivery["nextAttemptAt"]?.string {
            text += "  next attempt  \(time)\n"
        } else if field("status") == "pending" {
            text += "  next attempt  \(Self.waiting)\n"
        }
        if let body = delivery["requestBody"]?.string { text += "  body          \(Printable.line(body))\n" }
        let attempts = delivery["attemptLog"]?.array ?? []
        let count = delivery["attempts"]?.int ?? 0
        if attempts.isEmpty && count > 0 {
            text += "\n  \(Plural.count(count, "attempt")); the log does not keep their detail any more\n"
        }
        for attempt in attempts { text += "\n" + self.attempt(attempt) }
        return text
    }

    private func attempt(_ attempt: JSONValue) -> String {
        let result = attempt["statusCode"]?.int.map { "HTTP \($0)" } ?? attempt["errorClass"]?.string ?? ""
        let number = attempt["number"]?.int ?? 0
        var text =
            "  attempt \(number)  \(attempt["startedAt"]?.string ?? "")  \(status(attempt["outcome"]?.string ?? ""))  \(result)\n"
        if let error = attempt["error"]?.string { text += "    error    \(Printable.line(error))\n" }
        if attempt["errorClass"]?.string == "blocked" { text += "    hint     \(Self.blockedHint)\n" }
        let timing = timing(attempt["timing"])
        if !timing.isEmpty { text += "    timing   \(timing)\n" }
        for header in attempt["headers"]?.array ?? [] {
            let pair = header.array?.compactMap(\.string) ?? []
            if pair.count == 2 { text += "    header   \(Printable.line("\(pair[0]): \(pair[1])"))\n" }
        }
        if let body = attempt["body"]?.string, !body.isEmpty {
            let isTruncated = attempt["truncated"]?.bool ?? false
            text += "    body     \(Printable.line(body))\(isTruncated ? palette.dim(" (truncated)") : "")\n"
        }
        return text
    }

    /// Of ends that no attempt tells of.
    private static let reasons = [
        "cancelled": "its subscription was deleted",
        "expired":
            "older than `run --retention`, or beyond `maxPending`; `deliveries redeliver` sends it all the same",
    ]
    /// What the log does not know: the subscription may be suspended, or lack a secret.
    private static let waiting =
        "when it is its turn; `zentra-sync status` says what its subscription waits for"
    private static let blockedHint =
        "receivers that are not public need `run --allow-network CIDR`, plain `http:` needs `--allow-http`"

    private func timing(_ timing: JSONValue?) -> String {
        (timing?.object ?? [:]).map { name, value in "\(name) \(milliseconds(value.int ?? 0))" }.joined(
            separator: ", ")
    }

    private func milliseconds(_ microseconds: Int) -> String {
        let tenths = (microseconds + 50) / 100
        return "\(tenths / 10).\(tenths % 10) ms"
    }

    private func status(_ status: String) -> String {
        switch status {
        case "delivered": palette.green(status)
        case "pending", "retry": palette.yellow(status)
        default: palette.red(status)
        }
    }
}

/// Foreign text on one line of a terminal: control characters are escaped, so that they cannot move the cursor.
enum Printable {
    static func line(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            default:
                let isControl = scalar.value < 0x20 || 0x7F..<0xA0 ~= scalar.value
                if isControl {
                    output += "\\u{\(String(scalar.value, radix: 16))}"
                } else {
                    output.unicodeScalars.append(scalar)
                }
            }
        }
        return output
    }
}
