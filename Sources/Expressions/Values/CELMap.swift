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
    /// Entries from which on an index is worth its memory.
    static let indexedFrom = 8

    init(keys: [CELValue], values: [CELValue], index: [MapKey: Int]?) {
        self.keys = keys
        self.values = values
        self.index = index
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
