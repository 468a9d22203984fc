import JSON
import Resources

/// Finds what differs between two canonical forms of one resource.
struct FieldComparison {
    private(set) var changes: [FieldChange] = []
    private let origins: FieldOrigins?

    private init(_ origins: FieldOrigins?) { self.origins = origins }

    /// The differences in the order of the fields.
    ///
    /// - Parameter origins: where the new form was written; nil when that is not known.
    static func changes(
        from before: JSONValue, to after: JSONValue, kind: String, origins: FieldOrigins? = nil
    ) -> [FieldChange] {
        var comparison = FieldComparison(origins)
        comparison.compare(before, after, FieldTypes(ofKind: kind), .root)
        return comparison.changes
    }

    private mutating func compare(
        _ before: JSONValue?, _ after: JSONValue?, _ types: FieldTypes, _ path: FieldLocation
    ) {
        guard before != after else { return }
        switch (before, after) {
        case (.object(let old)?, .object(let new)?): compare(old, new, types, path)
        case (.array(let old)?, .array(let new)?): compare(old, new, types.element, path)
        default: add(path, before.map(types.shown), after.map(types.shown))
        }
    }

    private mutating func compare(
        _ old: JSONObject, _ new: JSONObject, _ types: FieldTypes, _ path: FieldLocation
    ) {
        let count = changes.count
        for (key, value) in old {
            compare(value, new[key], types.member(key), path.appending(.key(key)))
        }
        for (key, value) in new where old[key] == nil {
            compare(nil, value, types.member(key), path.appending(.key(key)))
        }
        // Nothing but the order of a payload's keys, which is kept and therefore sent.
        if changes.count == count { add(path, types.shown(.object(old)), types.shown(.object(new))) }
    }

    /// - Parameter types: of the elements.
    private mutating func compare(
        _ old: [JSONValue], _ new: [JSONValue], _ types: FieldTypes, _ path: FieldLocation
    ) {
        let (shownOld, shownNew) = (old.map(types.shown), new.map(types.shown))
        if (old + new).allSatisfy(\.isScalar) {
            let elements = FieldChange.Elements(
                added: shownNew.subtracting(shownOld), removed: shownOld.subtracting(shownNew))
            let isReordered = elements.added.isEmpty && elements.removed.isEmpty
            add(path, .array(shownOld), .array(shownNew), isReordered ? nil : elements)
        } else if let oldKeys = Self.keys(old), let newKeys = Self.keys(new) {
            compareKeyed(zip(oldKeys, old), zip(newKeys, new), types, path)
        } else {
            compareInOrder(old, new, types, path)
        }
    }

    /// Elements that have a name of their own (steps, cases) are compared by it, wherever they moved.
    private mutating func compareKeyed(
        _ old: Zip2Sequence<[String], [JSONValue]>, _ new: Zip2Sequence<[String], [JSONValue]>,
        _ types: FieldTypes, _ path: FieldLocation
    ) {
        let (oldValues, newValues) = (
            Dictionary(uniqueKeysWithValues: old), Dictionary(uniqueKeysWithValues: new)
        )
        for (key, value) in old { compare(value, newValues[key], types, path.appending(.named(key))) }
        for (key, value) in new where oldValues[key] == nil {
            compare(nil, value, types, path.appending(.named(key)))
        }
        let stayed = old.map(\.0).filter { newValues[$0] != nil }
        let order = new.map(\.0).filter { oldValues[$0] != nil }
        if stayed != order {
            add(path, .array(old.map { .string($0.0) }), .array(new.map { .string($0.0) }))
        }
    }

    /// Elements without names: what both lists begin and end with stays, the rest is compared one by one.
    private mutating func compareInOrder(
        _ old: [JSONValue], _ new: [JSONValue], _ types: FieldTypes, _ path: FieldLocation
    ) {
        let start = zip(old, new).prefix { $0 == $1 }.count
        let shorter = min(old.count, new.count) - start
        let end = zip(old.reversed(), new.reversed()).prefix { $0 == $1 }.prefix(shorter).count
        let (oldEnd, newEnd) = (old.count - end, new.count - end)
        for index in start..<max(oldEnd, newEnd) {
            let before: JSONValue? = index < oldEnd ? .some(old[index]) : .none
            let after: JSONValue? = index < newEnd ? .some(new[index]) : .none
            compare(before, after, types, path.appending(.index(index)))
        }
    }

    private mutating func add(
        _ path: FieldLocation, _ before: JSONValue?, _ after: JSONValue?,
        _ elements: FieldChange.Elements? = nil
    ) {
        let change = FieldChange(path.text, before: before, after: after, elements: elements)
        changes.append(origins?.placing(change, at: path) ?? change)
    }

    /// The names of all elements; nil unless each has one of its own.
    private static func keys(_ values: [JSONValue]) -> [String]? {
        let keys = values.compactMap { $0["id"]?.string ?? $0["name"]?.string }
        return keys.count == values.count && Set(keys).count == keys.count ? keys : nil
    }
}

extension JSONValue {
    fileprivate var isScalar: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }
}

extension [JSONValue] {
    /// The elements without those of `other`, each as often as it is there.
    fileprivate func subtracting(_ other: [JSONValue]) -> [JSONValue] {
        var counts = Dictionary(other.map { ($0, 1) }, uniquingKeysWith: +)
        return filter { element in
            guard let count = counts[element], count > 0 else { return true }
            counts[element] = count - 1
            return false
        }
    }
}
