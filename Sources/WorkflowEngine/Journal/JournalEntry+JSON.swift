package import JSON
import Resources

/// The stored form: `{"t": milliseconds, "k": kind, "s": step, …}`, in an array where one transaction wrote several. Members
/// are only ever added; a reader ignores those that it does not know.
extension JournalEntry {
    package var json: JSONValue {
        let (kind, members) = fact.stored
        var object: JSONObject = ["t": at.json, "k": .string(kind)]
        if let step { object.append("s", .string(step.description)) }
        for (key, value) in members { object.append(key, value) }
        return .object(object)
    }

    /// Compact JSON, one line.
    package var text: String { json.text }

    /// What one transaction writes, as few texts: each an entry, or an array of several.
    ///
    /// - Parameter limit: bytes of a text with more than one entry.
    package static func texts(of entries: [JournalEntry], limit: Int) -> [String] {
        var texts: [String] = []
        // Entries with commas between them, and how many.
        var (group, count) = ([UInt8](), 0)
        func end() {
            guard count > 0 else { return }
            if count > 1 {
                group.insert(UInt8(ascii: "["), at: 0)
                group.append(UInt8(ascii: "]"))
            }
            texts.append(String(decoding: group, as: UTF8.self))
            (group, count) = ([], 0)
        }
        for entry in entries {
            var text: [UInt8] = []
            entry.json.write(to: &text)
            // The brackets are two bytes of it.
            if count > 0, group.count + 1 + text.count + 2 > limit { end() }
            if count > 0 { group.append(UInt8(ascii: ",")) }
            group.append(contentsOf: text)
            count += 1
        }
        end()
        return texts
    }

    /// The entries of such a text.
    package static func all(in text: String) throws(JournalError) -> [JournalEntry] {
        let json: JSONValue
        do throws(JSONError) { json = try JSONValue(parsing: text) } catch {
            throw JournalError("not JSON: \(error)")
        }
        guard let elements = json.array else { return [try JournalEntry(json: json)] }
        var entries: [JournalEntry] = []
        for element in elements { entries.append(try JournalEntry(json: element)) }
        return entries
    }

    package init(text: String) throws(JournalError) {
        let json: JSONValue
        do throws(JSONError) { json = try JSONValue(parsing: text) } catch {
            throw JournalError("not JSON: \(error)")
        }
        try self.init(json: json)
    }

    package init(json: JSONValue) throws(JournalError) {
        let reader = JournalReader(json: json)
        at = try reader.moment("t")
        if let step = json["s"]?.string {
            self.step = try reader.required("s", StepAddress(parsing: step))
        } else {
            step = nil
        }
        fact = try Fact(try reader.string("k"), reader)
    }
}

extension JournalEntry.Fact {
    fileprivate var stored: (kind: String, members: JSONObject) {
        switch self {
        case .created(let creation): ("created", creation.members)
        case .began(let vars, let deadline): ("began", ["vars": .object(vars), "deadline": deadline.json])
        case .phase(let phase, let outcome, let error, let deadline):
            (
                "phase",
                .present([
                    ("phase", .string(phase.rawValue)), ("outcome", .string(outcome.rawValue)),
                    ("error", error?.json), ("deadline", deadline?.json),
                ])
            )
        case .finished(let status, let outputs, let error):
            (
                "finished",
                .present([
                    ("status", .string(status.rawValue)),
                    ("outputs", outputs.isEmpty ? nil : .object(outputs)),
                    ("error", error?.json),
                ])
            )
        case .started(let timeoutAt): ("started", .present([("timeoutAt", timeoutAt?.json)]))
        case .sending(let attempt, let plan):
            ("sending", .present([("attempt", .number(JSONNumber(attempt))), ("request", plan?.json)]))
        case .waiting(let wait): ("waiting", ["wait": wait.json])
        case .sleeping(let until): ("sleeping", ["until": until.json])
        case .sleepingUntil(let moment): ("sleepingUntil", ["until": moment.json])
        case .calling(let workflow, let inputs):
            ("calling", ["workflow": .string(workflow), "inputs": .object(inputs)])
        case .acting(let inputs): ("acting", ["inputs": inputs])
        case .postponed(let until): ("postponed", ["until": until.json])
        case .chosen(let index): ("chosen", ["case": .number(JSONNumber(index))])
        case .looping(let items): ("looping", ["items": .array(items)])
        case .iterationBegan(let index): ("iterationBegan", ["index": .number(JSONNumber(index))])
        case .iterationEnded(let index, let status, let error):
            ("iterationEnded", Self.part(index, status, error))
        case .branchEnded(let index, let status, let error):
            ("branchEnded", Self.part(index, status, error))
        case .catching(let index, let error):
            ("catching", ["handler": .number(JSONNumber(index)), "error": error.json])
        case .retrying(let at, let error): ("retrying", ["at": at.json, "error": error.json])
        case .paused(let error): ("paused", ["error": error.json])
        case .resumed: ("resumed", [:])
        case .again(let timeoutAt): ("again", .present([("timeoutAt", timeoutAt?.json)]))
        case .answered: ("answered", [:])
        case .received(let message): ("received", ["message": .string(message)])
        case .ended(let status, let outputs, let error):
            (
                "ended",
                .present([
                    ("status", .string(status.rawValue)), ("outputs", outputs.map(JSONValue.object)),
                    ("error", error?.json),
                ])
            )
        case .restored(let status, let outputs):
            ("restored", ["status": .string(status.rawValue), "outputs": .object(outputs)])
        }
    }

    private static func part(_ index: Int, _ status: StepStatus, _ error: StepError?) -> JSONObject {
        .present([
            ("index", .number(JSONNumber(index))), ("status", .string(status.rawValue)),
            ("error", error?.json),
        ])
    }

    fileprivate init(_ kind: String, _ entry: JournalReader) throws(JournalError) {
        switch kind {
        case "created": self = .created(try RunCreation(entry))
        case "began": self = .began(vars: try entry.object("vars"), deadline: try entry.moment("deadline"))
        case "phase":
            self = .phase(
                try entry.required("phase", RunPhase(rawValue: entry.string("phase"))),
                outcome: try entry.runStatus("outcome"), error: StepError(json: entry.json["error"]),
                deadline: entry.optionalMoment("deadline"))
        case "finished":
            self = .finished(
                try entry.runStatus("status"), outputs: entry.json["outputs"]?.object ?? [:],
                error: StepError(json: entry.json["error"]))
        case "started": self = .started(timeoutAt: entry.optionalMoment("timeoutAt"))
        case "sending":
            self = .sending(
                attempt: try entry.int("attempt"),
                try entry.json["request"].map { (json) throws(JournalError) in
                    try entry.required("request", RequestPlan(json: json))
                })
        case "waiting":
            self = .waiting(
                try entry.required("wait", entry.json["wait"].flatMap(WaitRegistration.init(json:))))
        case "sleeping": self = .sleeping(until: try entry.moment("until"))
        case "sleepingUntil": self = .sleepingUntil(try entry.moment("until"))
        case "calling":
            self = .calling(workflow: try entry.string("workflow"), inputs: try entry.object("inputs"))
        case "acting": self = .acting(try entry.required("inputs", entry.json["inputs"]))
        case "postponed": self = .postponed(until: try entry.moment("until"))
        case "chosen": self = .chosen(try entry.int("case"))
        case "looping": self = .looping(try entry.required("items", entry.json["items"]?.array))
        case "iterationBegan": self = .iterationBegan(try entry.int("index"))
        case "iterationEnded":
            self = .iterationEnded(
                try entry.int("index"), try entry.stepStatus("status"),
                error: StepError(json: entry.json["error"]))
        case "branchEnded":
            self = .branchEnded(
                try entry.int("index"), try entry.stepStatus("status"),
                error: StepError(json: entry.json["error"]))
        case "catching": self = .catching(try entry.int("handler"), try entry.error("error"))
        case "retrying": self = .retrying(at: try entry.moment("at"), try entry.error("error"))
        case "paused": self = .paused(try entry.error("error"))
        case "resumed": self = .resumed
        case "ended":
            self = .ended(
                try entry.stepStatus("status"), outputs: entry.json["outputs"]?.object,
                error: StepError(json: entry.json["error"]))
        case "again": self = .again(timeoutAt: entry.optionalMoment("timeoutAt"))
        case "answered": self = .answered
        case "received": self = .received(message: try entry.string("message"))
        case "restored":
            self = .restored(try entry.stepStatus("status"), outputs: try entry.object("outputs"))
        default:
            throw JournalError("an entry of the unknown kind `\(kind)`; was it written by a later release?")
        }
    }
}

extension RunCreation {
    fileprivate var members: JSONObject {
        .present([
            ("v", .number(JSONNumber(1))), ("run", .string(run.text)), ("workflow", .string(workflow)),
            ("digest", .string(digest)), ("event", event.json), ("chain", chain.json),
            (
                "parent",
                parent.map {
                    [
                        "run": .string($0.run.text), "step": .string($0.step.description),
                        "attempt": .number(JSONNumber($0.attempt)),
                    ]
                }
            ),
            ("repeats", repeats.map { .string($0.text) }),
            (
                "keys",
                keys.isEmpty
                    ? nil
                    : .object(
                        JSONObject(keys.map { ($0.key.description, JSONValue.string($0.value)) }).sorted)
            ),
            ("queued", isQueued ? true : nil), ("notBefore", notBefore?.json),
        ])
    }

    fileprivate convenience init(_ entry: JournalReader) throws(JournalError) {
        let json = entry.json
        var keys: [StepAddress: String] = [:]
        for (step, key) in json["keys"]?.object ?? [:] {
            keys[try entry.required("keys", StepAddress(parsing: step))] = try entry.required(
                "keys", key.string)
        }
        self.init(
            run: RunID(try entry.string("run")), workflow: try entry.string("workflow"),
            digest: try entry.string("digest"),
            event: try entry.required("event", json["event"].flatMap(TriggerEvent.init(json:))),
            chain: try entry.required("chain", json["chain"].flatMap(Chain.init(json:))),
            parent: try Self.parent(entry), repeats: json["repeats"]?.string.map(RunID.init), keys: keys,
            isQueued: json["queued"]?.bool ?? false, notBefore: entry.optionalMoment("notBefore"))
    }

    private static func parent(_ entry: JournalReader) throws(JournalError) -> RunStart.Parent? {
        guard let parent = entry.json["parent"] else { return nil }
        let step = try entry.required("parent", parent["step"]?.string.flatMap { StepAddress(parsing: $0) })
        return RunStart.Parent(
            run: RunID(try entry.required("parent", parent["run"]?.string)), step: step,
            attempt: try entry.required("parent", parent["attempt"]?.int))
    }
}

extension JSONObject {
    /// The members that have a value.
    static func present(_ members: [(String, JSONValue?)]) -> JSONObject {
        var object = JSONObject()
        for (key, value) in members {
            if let value { object.append(key, value) }
        }
        return object
    }
}
