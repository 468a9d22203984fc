import JSON

/// What `doctor` found out about one thing.
struct Finding: Sendable {
    enum Verdict: String, Sendable {
        case good = "ok"
        case doubtful = "warn"
        case bad = "fail"
    }

    let subject: String
    let verdict: Verdict
    let message: String
    var hint: String?

    init(_ subject: String, _ verdict: Verdict, _ message: String, hint: String? = nil) {
        self.subject = subject
        self.verdict = verdict
        self.message = message
        self.hint = hint
    }

    var json: JSONValue {
        [
            "subject": .string(subject), "verdict": .string(verdict.rawValue), "message": .string(message),
            "hint": hint.map(JSONValue.string) ?? .null,
        ]
    }
}
