import JSON
import Resources
import Store

/// What record operations have to look at, read beforehand: a transaction is evaluated without waiting for the state.
///
/// Where something is missing, the evaluation says so, it is read, and the evaluation begins again.
struct RecordReads: Sendable {
    /// What an evaluation lacked.
    enum Missing: Error, Hashable {
        case record(RecordType, name: String)
        case matches(RecordType, JSONObject)
        /// One more number of a prefix of keys.
        case number(prefix: String)
    }

    /// Records that match are looked at up to this number; one is used, two are ambiguous.
    static let matchLimit = 10

    private var records: [Missing: RecordRow?] = [:]
    private var matches: [Missing: [RecordRow]] = [:]
    /// How many numbers of each prefix an evaluation takes.
    private(set) var numbers: [String: Int] = [:]

    func record(_ type: RecordType, _ name: String) throws(Missing) -> RecordRow? {
        let key = Missing.record(type, name: name)
        guard let known = records[key] else { throw key }
        return known
    }

    func records(_ type: RecordType, matching fields: JSONObject) throws(Missing) -> [RecordRow] {
        let key = Missing.matches(type, fields)
        guard let known = matches[key] else { throw key }
        return known
    }

    /// Reads what was missing.
    mutating func read(_ missing: Missing, _ store: Store) async throws {
        switch missing {
        case .record(let type, let name):
            records[missing] = .some(try await store.record(name, type: type.rawValue))
        case .matches(let type, let fields):
            matches[missing] = try await store.records(
                type: type.rawValue, matching: fields, limit: Self.matchLimit)
        case .number(let prefix): take(prefix)
        }
    }

    /// One more number of a prefix.
    mutating func take(_ prefix: String) { numbers[prefix, default: 0] += 1 }
}
