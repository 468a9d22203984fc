package import Logging

/// The fields of a line that is written thousands of times a second: what is metadata elsewhere, as a list in the order
/// of the keys.
///
/// It travels through swift-log as a single value of the metadata, and every handler may print that; `LineLogHandler`
/// writes its fields as if each were metadata of its own.
package struct LogFields: Sendable {
    package enum Value: Sendable, Hashable {
        case text(String)
        case number(Int)
    }

    package typealias Field = (key: String, value: Value)

    /// The key of the metadata that holds them.
    private static let key = "fields"

    private var fields: [Field] = []

    package init(capacity: Int = 0) { fields.reserveCapacity(capacity) }

    /// Appends a field that has a value.
    ///
    /// - Precondition: its key comes after those before it, by its bytes.
    package mutating func append(_ key: String, _ text: String?) {
        if let text { append(key, .text(text)) }
    }

    package mutating func append(_ key: String, _ number: Int?) {
        if let number { append(key, .number(number)) }
    }

    private mutating func append(_ key: String, _ value: Value) {
        assert(fields.last.map { $0.key < key } ?? true, "`\(key)` is not in the order of the keys")
        fields.append((key, value))
    }
}

extension LogFields: RandomAccessCollection {
    package var startIndex: Int { fields.startIndex }
    package var endIndex: Int { fields.endIndex }
    package subscript(position: Int) -> Field { fields[position] }
}

extension LogFields: CustomStringConvertible {
    package var description: String { map { "\($0.key)=\($0.value)" }.joined(separator: " ") }
}

extension LogFields.Value: CustomStringConvertible {
    package var description: String {
        switch self {
        case .text(let text): text
        case .number(let number): String(number)
        }
    }
}

extension LogFields {
    /// Those of an event that has no other metadata; nil for every other event.
    init?(onlyOf metadata: Logger.Metadata?) {
        guard let metadata, metadata.count == 1, let fields = Self.held(by: metadata) else { return nil }
        self = fields
    }

    /// Metadata in which each field stands for itself.
    static func spread(_ metadata: Logger.Metadata) -> Logger.Metadata {
        guard let fields = held(by: metadata) else { return metadata }
        var all = metadata
        all[key] = nil
        for (key, value) in fields { all[key] = .string(value.description) }
        return all
    }

    private static func held(by metadata: Logger.Metadata) -> LogFields? {
        guard case .stringConvertible(let value) = metadata[key] else { return nil }
        return value as? LogFields
    }

    fileprivate var metadata: Logger.Metadata { [Self.key: .stringConvertible(self)] }
}

extension Logger {
    /// Logs a line with these fields.
    package func log(level: Logger.Level, _ message: Logger.Message, fields: LogFields) {
        log(level: level, message, metadata: fields.metadata)
    }
}
