/// The members of a JSON object in their order; keys are unique.
package struct JSONObject: Sendable, Hashable {
    package typealias Member = (key: String, value: JSONValue)

    private var storage: [Entry]
    /// Position of each key; built only for large objects, small ones are searched.
    private var index: [MemberKey: Int]?

    /// A key by its bytes: Swift's `==` on strings folds canonically equivalent texts into one, JSON does not.
    private struct MemberKey: Sendable, Hashable {
        let text: String

        /// The lengths are known without a look at the bytes, and mostly differ.
        static func == (left: MemberKey, right: MemberKey) -> Bool {
            left.text.utf8.count == right.text.utf8.count && left.text.utf8.elementsEqual(right.text.utf8)
        }
    }

    private struct Entry: Sendable, Hashable {
        let key: MemberKey
        var value: JSONValue
    }

    private static let indexedFrom = 16

    package init() { storage = [] }

    /// A later member replaces the value of an earlier one with the same key, in the earlier one's place.
    package init(_ members: some Sequence<(String, JSONValue)>) {
        self.init()
        for (key, value) in members { self[key] = value }
    }

    package var count: Int { storage.count }
    package var isEmpty: Bool { storage.isEmpty }
    package var keys: [String] { storage.map(\.key.text) }

    /// Setting a new key appends it; setting nil removes the member.
    package subscript(key: String) -> JSONValue? {
        get { position(of: key).map { storage[$0].value } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): storage[position].value = value
            case (let position?, nil):
                storage.remove(at: position)
                index = nil
                indexIfLarge()
            case (nil, let value?):
                append(key, value)
            case (nil, nil): break
            }
        }
    }

    /// Appends a member whose key is known to be new.
    package mutating func append(_ key: String, _ value: JSONValue) {
        storage.append(Entry(key: MemberKey(text: key), value: value))
        if index != nil { index?[MemberKey(text: key)] = storage.count - 1 } else { indexIfLarge() }
    }

    /// The same members in the order of their keys' Unicode scalars.
    package var sorted: JSONObject {
        var copy = self
        // UTF-8 keeps the order of the scalars.
        copy.storage.sort { $0.key.text.utf8.lexicographicallyPrecedes($1.key.text.utf8) }
        copy.index = nil
        copy.indexIfLarge()
        return copy
    }

    private func position(of key: String) -> Int? {
        let key = MemberKey(text: key)
        if let index { return index[key] }
        return storage.firstIndex { $0.key == key }
    }

    private mutating func indexIfLarge() {
        guard storage.count >= Self.indexedFrom else { return }
        index = Dictionary(uniqueKeysWithValues: storage.enumerated().map { ($1.key, $0) })
    }

    package static func == (left: JSONObject, right: JSONObject) -> Bool { left.storage == right.storage }
    package func hash(into hasher: inout Hasher) { hasher.combine(storage) }
}

extension JSONObject: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { storage.count }
    package subscript(position: Int) -> Member { (storage[position].key.text, storage[position].value) }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
