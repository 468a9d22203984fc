import JSON
import Resources
import Store

/// A version of a record as it is stored, with its events and its entry in the history; the rules are those of
/// `RecordDraft`.
struct RecordVersion: Sendable {
    private var draft: RecordDraft
    private let now: UnixTime

    /// The first version. The key is set later, because it is only known then.
    ///
    /// - Throws: `Problem` 422 when a field is missing or the status is none to begin with.
    init(new input: RecordInput, _ type: RecordType, id: String, now: UnixTime) throws {
        self.now = now
        do throws(RecordProblem) {
            draft = try RecordDraft(new: input.values, type, id: id, now: now.description)
        } catch {
            throw Problem(error)
        }
    }

    /// The version that follows.
    ///
    /// - Throws: `Problem` 422 when there is no such transition; it says which there are.
    init(_ input: RecordInput, after current: JSONObject, _ type: RecordType, now: UnixTime) throws {
        self.now = now
        do throws(RecordProblem) {
            draft = try RecordDraft(input.values, after: current, type, now: now.description)
        } catch {
            throw Problem(error)
        }
    }

    var rules: RecordRules { draft.rules }
    var values: JSONObject { draft.values }
    var status: String { draft.status }
    var isChanged: Bool { draft.isChanged }

    /// Sets the key of a new record.
    mutating func setKey(_ key: String) { draft.setKey(key) }

    /// Sets when a ticket has to be resolved.
    mutating func setDeadline(_ deadline: UnixTime?) { draft.setDeadline(deadline?.description) }
}

extension RecordVersion {
    /// The events that the version causes, in their order.
    func events(actor: String) -> [NewEvent] { draft.eventTypes.map(event(actor: actor)) }

    /// An event about the record as it is in this version.
    func event(actor: String) -> (_ type: String) -> NewEvent {
        let data = JSONValue.object(values).utf8
        let (changed, previous) = (changedText, previousText)
        return { type in
            NewEvent(
                type: type, ts: now.description, data: data, changed: changed, previous: previous,
                source: actor)
        }
    }

    func change(version: Int, actor: String) -> RecordChange {
        RecordChange(version: version, actor: actor, changed: changedText, previous: previousText, at: now)
    }

    private var changedText: String { JSONValue.array(draft.changed.map(JSONValue.string)).text }
    private var previousText: String { JSONValue.object(draft.previous).text }

    /// As the state holds it.
    func row(version: Int, sequence: CommitSequence = CommitSequence(0), createdAt: UnixTime) -> RecordRow {
        func text(_ name: String) -> String? { values[name]?.string }
        var columns = RecordRow.Columns(status: status, isOpen: rules.open.contains(status))
        columns.priority = text("priority")
        columns.assignee = text("assignee")
        columns.teamID = text("team_id")
        columns.requesterEmail = text("requester_email")
        columns.externalKey = text("external_key")
        columns.dueAt = text("sla_due_at").flatMap(UnixTime.init(rfc3339:))
        return RecordRow(
            sequence: sequence, type: rules.type.rawValue, id: text("id") ?? "", key: text("key") ?? "",
            version: version, data: JSONValue.object(values).text, columns: columns, createdAt: createdAt,
            updatedAt: now)
    }
}
