package import JSON

/// The entries of a map: values with typed keys, or a JSON object that is converted as it is read.
///
/// Keys are bool, int, uint or string; numbers of equal value are the same key whatever their type.
package enum CELMap: Sendable {
    case entries(MapEntries)
    case json(JSONObject)

    package static let empty = CELMap.json(JSONObject())

    package var count: Int {
        switch self {
        case .entries(let entries): entries.keys.count
        case .json(let object): object.count
        }
    }

    /// The entry at a place in the order of insertion.
    ///
    /// - Precondition: `position` is in range.
    package subscript(position: Int) -> (key: CELValue, value: CELValue) {
        switch self {
        case .entries(let entries): (entries.keys[position], entries.values[position])
        case .json(let object): (.string(object[position].key), CELValue(object[position].value))
        }
    }

    /// The value of a key; nil when there is none, also for a value that cannot be a key.
    package func value(for key: CELValue) -> CELValue? {
        if case .string(let name) = key { return value(forField: name) }
        guard case .entries(let entries) = self, let key = MapKey(key) else { return nil }
        return entries.position(of: key).map { entries.values[$0] }
    }

    /// The value of a string key.
    package func value(forField name: String) -> CELValue? {
        switch self {
        case .entries(let entries):
            entries.position(of: .string(ScalarString(name))).map { entries.values[$0] }
        case .json(let object): object[name].map { CELValue($0) }
        }
    }
}

/// The storage of a map; immutable once built.
package final class MapEntries: Sendable {
    package let keys: [CELValue]
    package let values: [CELValue]
    /// Position of each key; nil for small maps, which are searched.
    private let index: [MapKey: Int]?
    private static let indexedFrom = 8

    init(keys: [CELValue], values: [CELValue], index: [MapKey: Int]) {
        self.keys = keys
        self.values = values
        self.index = index.count >= Self.indexedFrom ? index : nil
    }

    /// The same for a string key, without making a key of each entry on the way.
    func position(ofField name: String) -> Int? {
        if let index { return index[.string(ScalarString(name))] }
        return keys.firstIndex { key in
            guard case .string(let text) = key else { return false }
            return ScalarString.equal(text, name)
        }
    }

    func position(of key: MapKey) -> Int? {
        if let index { return index[key] }
        return keys.firstIndex { MapKey($0) == key }
    }
}

/// Collects the entries of a map.
struct MapBuilder {
    private var keys: [CELValue] = []
    private var values: [CELValue] = []
    private var index: [MapKey: Int] = [:]

    enum Problem: Error { case unsupportedKey, repeatedKey }

    /// Adds an entry with a new key.
    mutating func add(_ key: CELValue, _ value: CELValue) throws(Problem) {
        guard let normal = MapKey(key), !key.isDouble else { throw .unsupportedKey }
        guard index.updateValue(keys.count, forKey: normal) == nil else { throw .repeatedKey }
        keys.append(key)
        values.append(value)
    }

    /// Adds an entry or replaces the value of the one with this string key.
    mutating func set(_ key: CELValue, _ value: CELValue) {
        guard let normal = MapKey(key) else { return }
        if let position = index[normal] {
            values[position] = value
        } else {
            index[normal] = keys.count
            keys.append(key)
            values.append(value)
        }
    }

    var map: CELMap { .entries(MapEntries(keys: keys, values: values, index: index)) }
}

/// A key in a form in which equal keys are equal: numbers by their value, strings by their scalars.
enum MapKey: Hashable {
    case bool(Bool)
    case int(Int64)
    /// Only beyond the range of `int`.
    case uint(UInt64)
    case string(ScalarString)

    /// nil for a value that no key can be equal to.
    init?(_ value: CELValue) {
        switch value {
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .uint(let value): self = Int64(exactly: value).map { .int($0) } ?? .uint(value)
        case .double(let value):
            if let int = Int64(exactly: value) {
                self = .int(int)
            } else if let uint = UInt64(exactly: value) {
                self = .uint(uint)
            } else {
                return nil
            }
        case .string(let value): self = .string(ScalarString(value))
        default: return nil
        }
    }
}

extension CELValue {
    fileprivate var isDouble: Bool {
        if case .double = self { true } else { false }
    }
}
