extension Array {
    /// What becomes of an element with a key: it is put in, replaced, or taken out.
    package typealias Edit<Key> = (key: Key, element: Element?)

    /// A list in the ascending order of its elements' keys, with some of them replaced, put in or taken out.
    ///
    /// What stays is carried over in whole pieces, so that it is hardly looked at.
    ///
    /// - Parameter edits: in the ascending order of distinct keys. Taking out what is not there does nothing.
    /// - Returns: the list, and what is not in it any more.
    package func applying<Key: Comparable>(
        _ edits: [Edit<Key>], key: (Element) -> Key
    ) -> (list: [Element], gone: [Element]) {
        var (list, gone): ([Element], [Element]) = ([], [])
        list.reserveCapacity(count + edits.count)
        var start = 0
        for edit in edits {
            let position = position(of: edit.key, from: start, key: key)
            list += self[start..<position]
            start = position
            if position < count, key(self[position]) == edit.key {
                gone.append(self[position])
                start += 1
            }
            if let element = edit.element { list.append(element) }
        }
        list += self[start...]
        return (list, gone)
    }

    /// Where a key is, or would be, in a list in the ascending order of its elements' keys.
    package func position<Key: Comparable>(
        of wanted: Key, from start: Int = 0, key: (Element) -> Key
    ) -> Int {
        var (low, high) = (start, count)
        while low < high {
            let middle = low + (high - low) / 2
            if key(self[middle]) < wanted { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
