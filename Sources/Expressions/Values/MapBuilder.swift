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

extension CELValue {
    fileprivate var isDouble: Bool {
        if case .double = self { true } else { false }
    }
}
