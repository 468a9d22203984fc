#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A string that is compared and hashed by its Unicode scalars.
///
/// Swift's own `==` takes canonically equivalent strings for equal; CEL does not. The order of UTF-8 bytes is
/// the order of scalars.
struct ScalarString: Hashable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: ScalarString, right: ScalarString) -> Bool { equal(left.text, right.text) }

    func hash(into hasher: inout Hasher) {
        Self.withBytes(text) { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(text.utf8.count)
    }

    static func equal(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && order(left, right) == 0
    }

    /// Negative, zero or positive, as `left` is before, equal to or after `right`.
    static func order(_ left: String, _ right: String) -> Int {
        withBytes(left) { left in withBytes(right) { right in order(left, right) } }
    }

    static func order(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Int {
        let common = min(left.count, right.count)
        if common > 0, let left = left.baseAddress, let right = right.baseAddress {
            let order = Int(memcmp(left, right, common))
            if order != 0 { return order }
        }
        return left.count - right.count
    }

    /// The string's UTF-8, without a copy for native strings.
    static func withBytes<Result>(_ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        text.utf8.withContiguousStorageIfAvailable(body) ?? Array(text.utf8).withUnsafeBufferPointer(body)
    }
}
