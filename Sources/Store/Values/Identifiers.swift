/// The id of an event: `evt_` and a ULID, or what the producer gave.
package struct EventID: Sendable, Hashable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }

    package var description: String { text }
}

/// The id of a delivery: a ULID, the same on every attempt and redelivery.
package struct DeliveryID: Sendable, Hashable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }

    package var description: String { text }
}

/// The place of a row in the order of commits.
package struct CommitSequence: Sendable, Hashable, Comparable {
    package let value: Int64

    package init(_ value: Int64) { self.value = value }

    package static func < (left: CommitSequence, right: CommitSequence) -> Bool { left.value < right.value }
}
