import JSON
import Resources
import Store
import WorkflowEngine

/// Works record operations of a run out, by the rules that every writer of records has to keep.
///
/// Later operations of the transaction see what earlier ones did.
struct RecordOperations {
    /// A record as the transaction leaves it.
    private struct Current {
        var row: RecordRow
        var values: JSONObject
    }

    let reads: RecordReads
    let live: RuntimeConfiguration
    /// `workflow:<run>`
    let actor: String
    let now: UnixTime
    let newULID: @Sendable () -> String
    /// The first number of each prefix of keys.
    let numbers: [String: Int64]

    private(set) var events: [NewEvent] = []
    private(set) var contributions: [Contribution] = []
    private var written: [String: Current] = [:]
    private var taken: [String: Int] = [:]

    init(
        reads: RecordReads, live: RuntimeConfiguration, actor: String, now: UnixTime,
        newULID: @escaping @Sendable () -> String, numbers: [String: Int64]
    ) {
        (self.reads, self.live, self.actor, self.now) = (reads, live, actor, now)
        (self.newULID, self.numbers) = (newULID, numbers)
    }

    /// The events of the operations since the last call.
    mutating func takeEvents() -> [NewEvent] {
        defer { events = [] }
        return events
    }

    /// - Throws: `RecordReads.Missing`.
    mutating func perform(_ operation: RecordOperation) throws -> RecordResult {
        do {
            switch operation.action {
            case .create(let set): return try create(operation.type, set)
            case .update(let selector, let set):
                guard let found = try find(operation.type, selector) else {
                    return .failed(
                        .notFound, message: "there is no \(operation.type.rawValue) \(Self.text(selector))")
                }
                return try update(found, operation.type, set)
            case .upsert(let selector, let set, let onCreate):
                if let found = try find(operation.type, selector) {
                    return try update(found, operation.type, set)
                }
                return try createMissing(operation.type, selector, set, onCreate)
            case .find(let match):
                let found = try candidates(operation.type, match)
                guard let first = found.first else { return .nothing }
                guard found.count == 1 else { throw Ambiguity(operation.type, .match(match), found.count) }
                return .record(first.values, isNew: false)
            }
        } catch let problem as Problem {
            return .failed(.invalid, message: problem.detail)
        } catch let ambiguity as Ambiguity {
            return .failed(.ambiguous, message: ambiguity.message)
        }
    }

    // MARK: Finding

    private struct Ambiguity: Error {
        let message: String

        init(_ type: RecordType, _ selector: RecordOperation.Selector, _ count: Int) {
            let number = count >= RecordReads.matchLimit ? "\(count) or more" : "\(count)"
            message =
                "\(number) records of the type `\(type.rawValue)` fit \(RecordOperations.text(selector))"
        }
    }

    private static func text(_ selector: RecordOperation.Selector) -> String {
        switch selector {
        case .id(let id): "`\(id)`"
        case .match(let fields): "`\(JSONValue.object(fields).text)`"
        }
    }

    private func find(_ type: RecordType, _ selector: RecordOperation.Selector) throws -> Current? {
        switch selector {
        case .id(let name):
            if let own = written.values.first(where: { $0.row.id == name || $0.row.key == name }) {
                return own.row.type == type.rawValue ? own : nil
            }
            guard let row = try reads.record(type, name) else { return nil }
            return try written[row.id] ?? Current(row: row, values: RecordWriter.values(row))
        case .match(let fields):
            let found = try candidates(type, fields)
            guard found.count <= 1 else { throw Ambiguity(type, selector, found.count) }
            return found.first
        }
    }

    private func candidates(_ type: RecordType, _ fields: JSONObject) throws -> [Current] {
        for name in fields.keys where !type.fields.contains(where: { $0.name == name }) {
            throw Problem.invalid("`\(name)` is not a field of \(type.withArticle)")
        }
        let stored = try reads.records(type, matching: fields).filter { written[$0.id] == nil }.map {
            Current(row: $0, values: try RecordWriter.values($0))
        }
        let own = written.values.filter { current in
            current.row.type == type.rawValue && fields.allSatisfy { current.values[$0.key] == $0.value }
        }
        return own.sorted { $0.row.id < $1.row.id } + stored
    }

    // MARK: Writing

    private mutating func create(_ type: RecordType, _ set: JSONObject) throws -> RecordResult {
        let input = try RecordInput(.object(set), of: type)
        var version = try RecordVersion(new: input, type, id: type.idPrefix + newULID(), now: now)
        let prefix = version.rules.keyPrefix(version.values)
        let number = try number(of: prefix)
        version.setKey("\(prefix)-\(number)")
        if type == .ticket { version.setDeadline(live.deadline(of: version.values, createdAt: now)) }
        let row = version.row(version: 1, createdAt: now)
        contributions.append(
            .create(
                row, prefix: prefix, number: number, isFirst: taken[prefix] == 1,
                change: version.change(version: 1, actor: actor)))
        events += version.events(actor: actor)
        written[row.id] = Current(row: row, values: version.values)
        return .record(version.values, isNew: true)
    }

    /// A record that nobody else may make meanwhile.
    private mutating func createMissing(
        _ type: RecordType, _ selector: RecordOperation.Selector, _ set: JSONObject, _ onCreate: JSONObject
    ) throws -> RecordResult {
        var values = JSONObject()
        if case .match(let fields) = selector {
            contributions.append(.absent(type: type.rawValue, matching: fields))
            for (name, value) in fields { values[name] = value }
        }
        for (name, value) in onCreate { values[name] = value }
        for (name, value) in set { values[name] = value }
        return try create(type, values)
    }

    private mutating func number(of prefix: String) throws -> Int64 {
        let count = taken[prefix, default: 0]
        guard let first = numbers[prefix], count < reads.numbers[prefix, default: 0] else {
            throw RecordReads.Missing.number(prefix: prefix)
        }
        taken[prefix] = count + 1
        return first + Int64(count)
    }

    private mutating func update(_ current: Current, _ type: RecordType, _ set: JSONObject) throws
        -> RecordResult
    {
        let input = try RecordInput(.object(set), of: type)
        var version = try RecordVersion(input, after: current.values, type, now: now)
        guard version.isChanged else { return .record(current.values, isNew: false) }
        if type == .ticket, version.rules.open.contains(version.status) {
            version.setDeadline(live.deadline(of: version.values, createdAt: current.row.createdAt))
        }
        let row = version.row(
            version: current.row.version + 1, sequence: current.row.sequence,
            createdAt: current.row.createdAt)
        contributions.append(
            .update(
                row, change: version.change(version: row.version, actor: actor),
                isFirst: written[row.id] == nil))
        events += version.events(actor: actor)
        written[row.id] = Current(row: row, values: version.values)
        return .record(version.values, isNew: false)
    }
}
