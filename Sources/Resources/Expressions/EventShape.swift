/// What is known, before any event has come, about the events that an expression looks at.
package struct EventShape: Sendable, Hashable {
    /// The records that the built-in types among them are about.
    package private(set) var records: Set<RecordType> = []
    /// Events whose data nobody knows may come too: those of one's own, an inbound request's, a schedule's.
    package private(set) var isOpen = false
    /// Events of records: they tell what changed.
    package private(set) var hasChanges = false
    /// Inbound requests: they have headers and query parameters.
    package private(set) var isInbound = false
    /// The inputs of a manual start, which are its data; nil where none come.
    package private(set) var inputs: [Input]?

    /// The events that patterns name. Patterns that match nothing are reported elsewhere and say nothing here; where no
    /// pattern says anything, nothing is known.
    package init(_ patterns: some Sequence<EventPattern>) {
        for pattern in patterns {
            records.formUnion(pattern.types.map(\.record))
            isOpen = isOpen || pattern.matchesCustom
        }
        hasChanges = true
        if records.isEmpty { isOpen = true }
    }

    private init() {}

    /// Requests to an endpoint.
    package static var inbound: EventShape {
        var shape = EventShape()
        (shape.isOpen, shape.isInbound) = (true, true)
        return shape
    }

    /// What a schedule starts: data of any form.
    package static var open: EventShape {
        var shape = EventShape()
        shape.isOpen = true
        return shape
    }

    /// An input of a manual start.
    package struct Input: Sendable, Hashable {
        package let name: String
        /// nil when it cannot be made out.
        package let type: InputType?
        /// May be absent.
        package let isOptional: Bool
    }

    /// A manual start, or a call of one workflow by another.
    package static func manual(_ inputs: [Input]) -> EventShape {
        var shape = EventShape()
        shape.inputs = inputs
        return shape
    }

    /// A record on its own, as policies look at it.
    package static func record(_ record: RecordType) -> EventShape {
        var shape = EventShape()
        shape.records = [record]
        return shape
    }

    /// Events of either kind.
    package func union(_ other: EventShape) -> EventShape {
        var shape = self
        shape.records.formUnion(other.records)
        shape.isOpen = isOpen || other.isOpen
        shape.hasChanges = hasChanges || other.hasChanges
        shape.isInbound = isInbound || other.isInbound
        if let more = other.inputs { shape.inputs = (inputs ?? []) + more }
        return shape
    }

    /// The records in the order of the catalogue.
    var orderedRecords: [RecordType] { RecordType.allCases.filter(records.contains) }
}
