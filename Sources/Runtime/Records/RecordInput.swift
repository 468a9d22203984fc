package import JSON
package import Resources

/// The fields that a caller gives, checked against the description of the record.
package struct RecordInput: Sendable {
    /// Only what was given, in the order in which it was.
    let values: JSONObject

    /// - Throws: `Problem` 422 that names the field.
    package init(_ body: JSONValue, of type: RecordType) throws {
        guard case .object(let members) = body else { throw Problem.invalid("the body is not a JSON object") }
        do throws(RecordProblem) {
            try RecordFields.check(members, of: type)
        } catch {
            throw Problem(error)
        }
        values = members
    }

    /// Values that the program itself gives, known to be right.
    init(trusted values: JSONObject) { self.values = values }
}

/// References into JSON documents (RFC 6901).
enum JSONPointer {
    static func escape(_ key: String) -> String {
        key.replacing("~", with: "~0").replacing("/", with: "~1")
    }
}

extension Problem {
    init(_ problem: RecordProblem) {
        self = .invalid(problem.message, pointer: problem.field.map { "/\(JSONPointer.escape($0))" })
    }
}
