internal import JSON
import Resources

/// Reads the members of an entry; unknown ones are left alone.
struct JournalReader {
    let json: JSONValue

    func required<Value>(_ name: String, _ value: Value?) throws(JournalError) -> Value {
        guard let value else { throw JournalError("`\(name)` is missing or has an unusable value") }
        return value
    }

    func string(_ name: String) throws(JournalError) -> String { try required(name, json[name]?.string) }
    func int(_ name: String) throws(JournalError) -> Int { try required(name, json[name]?.int) }
    func object(_ name: String) throws(JournalError) -> JSONObject { try required(name, json[name]?.object) }
    func moment(_ name: String) throws(JournalError) -> Moment { try required(name, optionalMoment(name)) }

    func optionalMoment(_ name: String) -> Moment? {
        json[name]?.int.map { Moment(milliseconds: Int64($0)) }
    }

    func error(_ name: String) throws(JournalError) -> StepError {
        try required(name, StepError(json: json[name]))
    }

    func stepStatus(_ name: String) throws(JournalError) -> StepStatus {
        try required(name, StepStatus(rawValue: string(name)))
    }

    func runStatus(_ name: String) throws(JournalError) -> RunStatus {
        try required(name, RunStatus(rawValue: string(name)))
    }
}

extension Moment {
    var json: JSONValue { .number(JSONNumber(milliseconds)) }
}
