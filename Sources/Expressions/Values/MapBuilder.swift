/// Collects the entries of a map.
struct MapBuilder {
    private var keys: [CELValue] = []
    private var values: [CELValue] = []
    /// Position of each key; nil while there are few, which are searched.
    private var index: [MapKey: Int]?

    enum Problem: Error { case unsupportedKey, repeatedKey }

    /// Adds an entry with a new key.
    mutating func add(_ key: CELValue, _ value: CELValue) throws(Problem) {
        guard let normal = MapKey(key), !key.isDouble else { throw .unsupportedKey }
        guard position(of: normal) == nil else { throw .repeatedKey }
        append(key, normal, value)
    }

    /// Adds a field or replaces the value of the one with this name.
    mutating func set(_ name: String, _ value: CELValue) {
        let normal = MapKey.string(ScalarString(name))
        if let position = position(of: normal) {
            values[position] = value
        } else {
            append(.string(name), normal, value)
        }
    }

    var map: CELMap { .entries(MapEntries(keys: keys, values: values, index: index)) }

    private func position(of key: MapKey) -> Int? {
        if let index { return index[key] }
        return keys.firstIndex { MapKey($0) == key }
    }

    private mutating func append(_ key: CELValue, _ normal: MapKey, _ value: CELValue) {
        keys.append(key)
        values.append(value)
        if index != nil {
            index?[normal] = keys.count - 1
        } else if keys.count == MapEntries.indexedFrom {
            index = [:]
            for (position, key) in keys.enumerated() {
                if let key = MapKey(key) { index?[key] = position }
            }
        }
    }
}

extension CELValue {
    fileprivate var isDouble: Bool {
        if case .double = self { true } else { false }
    }
}
