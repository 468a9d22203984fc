import JSON
import Resources

extension Plan {
    /// nil when something is missing, or a canonical form does not belong to its digest.
    init?(saved body: JSONValue) {
        guard let commit = body["commit"]?.string, let subject = body["subject"]?.string,
            let reference = body["ref"]?.string, let liveCommit = body["live"]?["commit"]?.string,
            let serial = body["live"]?["serial"]?.int, let unchanged = body["unchanged"]?.int,
            let resultDigest = body["resultDigest"]?.string, let list = body["changes"]?.array
        else { return nil }
        let changes = list.compactMap(PlannedChange.init(saved:))
        let withheldList = body["withheld"]?.array ?? []
        let withheld = withheldList.compactMap(PlannedChange.init(saved:))
        guard changes.count == list.count, withheld.count == withheldList.count else { return nil }
        self.init(
            revision: SourceRevision(commit: commit, subject: subject, reference: reference),
            live: LiveRevision(commit: liveCommit, serial: Int64(serial)), changes: changes,
            unchanged: unchanged,
            resultDigest: resultDigest, withheld: withheld)
    }
}

extension PlannedChange {
    var saved: JSONValue {
        var members: JSONObject = [
            "action": .string(action.rawValue), "kind": .string(kind), "name": .string(name),
            "replaced": replaced.map(JSONValue.string) ?? .null,
        ]
        if let desired {
            members["file"] = .string(desired.file)
            members["line"] = .number(JSONNumber(desired.line))
            members["digest"] = .string(desired.digest)
            members["canonical"] = .string(desired.canonical)
        }
        members["fields"] = .array(fields.map(\.json))
        members["notes"] = .array(notes.map(JSONValue.string))
        if isDrift { members["drift"] = true }
        return .object(members)
    }

    fileprivate init?(saved: JSONValue) {
        guard let action = saved["action"]?.string.flatMap(Action.init(rawValue:)),
            let kind = saved["kind"]?.string, let name = saved["name"]?.string,
            let fields = saved["fields"]?.array?.compactMap(FieldChange.init(json:)),
            let notes = saved["notes"]?.array?.compactMap(\.string)
        else { return nil }
        let desired = Desired(saved: saved, kind: kind, name: name)
        guard (desired == nil) == (action == .delete) else { return nil }
        self.init(
            action, kind: kind, name: name, desired: desired, replaced: saved["replaced"]?.string,
            fields: fields, notes: notes, isDrift: saved["drift"]?.bool ?? false)
    }
}

extension PlannedChange.Desired {
    /// nil when there is none, or when this version does not read it as the resource that it is said to be.
    fileprivate init?(saved: JSONValue, kind: String, name: String) {
        guard let canonical = saved["canonical"]?.string, let file = saved["file"]?.string,
            let line = saved["line"]?.int
        else { return nil }
        let resource: Resource
        // A form that this version does not read makes the whole file one of another version.
        do { resource = try Resource(canonical: canonical) } catch { return nil }
        guard resource.digest.hex == saved["digest"]?.string, resource.id.description == "\(kind)/\(name)"
        else {
            return nil
        }
        self.init(
            canonical: canonical, digest: resource.digest.hex, isProtected: resource.isProtected, file: file,
            line: line)
    }
}

extension FieldChange {
    var json: JSONValue {
        var members: JSONObject = ["path": .string(path), "before": before ?? .null, "after": after ?? .null]
        if let elements {
            members["added"] = .array(elements.added)
            members["removed"] = .array(elements.removed)
        }
        if let place {
            members["file"] = .string(place.file)
            members["line"] = .number(JSONNumber(place.line))
        }
        members["origin"] = origin.map(JSONValue.string)
        return .object(members)
    }

    fileprivate init?(json: JSONValue) {
        guard let path = json["path"]?.string else { return nil }
        var elements: Elements?
        if let added = json["added"]?.array, let removed = json["removed"]?.array {
            elements = Elements(added: added, removed: removed)
        }
        self.init(
            path, before: json.value("before"), after: json.value("after"), elements: elements)
        if let file = json["file"]?.string, let line = json["line"]?.int {
            place = Place(file: file, line: line)
        }
        origin = json["origin"]?.string
    }
}

extension JSONValue {
    /// A member that is neither missing nor null.
    fileprivate func value(_ key: String) -> JSONValue? {
        guard let value = self[key], !value.isNull else { return .none }
        return value
    }
}
