import GRDB
package import JSON

extension Store {
    /// Records of a type with these values, the oldest first.
    package func records(type: String, matching fields: JSONObject, limit: Int) async throws -> [RecordRow] {
        try await read { try recordRows(type: type, matching: fields, limit: limit, $0) }
    }
}

/// record_status, record_external_key, record_requester or the unique indexes find them where a field has one; record_list
/// otherwise.
func recordRows(type: String, matching fields: JSONObject, limit: Int, _ database: Database) throws
    -> [RecordRow]
{
    var conditions = ["type = ?"]
    var arguments: [any DatabaseValueConvertible] = [type]
    for (name, value) in fields {
        let column = indexedColumns[name]
        if column == nil { arguments.append("$.\(name)") }
        let place = column ?? "json_extract(data, ?)"
        switch value {
        case .string(let text): arguments.append(text)
        case .bool(let flag): arguments.append(flag)
        case .number(let number): arguments.append(number.double)
        case .null:
            conditions.append("\(place) IS NULL")
            continue
        case .array, .object:
            // Compared below.
            if column == nil { arguments.removeLast() }
            continue
        }
        conditions.append("\(place) = ?")
    }
    let rows = try Row.fetchCursor(
        database, sql: "SELECT * FROM record WHERE \(conditions.joined(separator: " AND ")) ORDER BY seq",
        arguments: StatementArguments(arguments))
    var found: [RecordRow] = []
    while found.count < limit, let row = try rows.next() {
        let record = RecordRow(row)
        let values = try JSONValue(parsing: record.data)
        if fields.allSatisfy({ (values[$0.key] ?? .null) == $0.value }) { found.append(record) }
    }
    return found
}

/// Columns that repeat what the data say.
private let indexedColumns = [
    "id": "id", "key": "key", "status": "status", "lifecycle": "status", "priority": "priority",
    "assignee": "assignee", "team_id": "team_id", "requester_email": "requester_email",
    "external_key": "external_key",
]
