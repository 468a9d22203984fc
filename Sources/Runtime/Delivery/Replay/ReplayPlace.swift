import Store

/// Where a replay that is done in pieces goes on.
struct ReplayPlace: Sendable, Equatable {
    enum Part: String, Sendable {
        /// Deliveries that were made.
        case made
        /// Events without a delivery.
        case missing
    }

    private(set) var part = Part.made
    /// Of the last one that was looked at.
    private(set) var after: CommitSequence?
    /// The newest when the replay began: what is younger, such as what it makes itself, is not for it.
    let lastDelivery: CommitSequence
    let lastEvent: CommitSequence

    init(upTo newest: (delivery: CommitSequence, event: CommitSequence)) {
        lastDelivery = newest.delivery
        lastEvent = newest.event
    }

    func going(on after: CommitSequence) -> ReplayPlace {
        var place = self
        place.after = after
        return place
    }

    func going(to part: Part) -> ReplayPlace {
        var place = self
        place.part = part
        place.after = nil
        return place
    }
}

extension ReplayPlace {
    /// Opaque to clients, safe in URLs.
    var cursor: String {
        "\(part.rawValue)-\(after?.value ?? 0)-\(lastDelivery.value)-\(lastEvent.value)"
    }

    /// nil for what is no cursor.
    init?(cursor: String) {
        let parts = cursor.split(separator: "-", omittingEmptySubsequences: false)
        let numbers = parts.dropFirst().compactMap { Int64($0) }.filter { $0 >= 0 }
        guard parts.count == 4, let part = Part(rawValue: String(parts[0])), numbers.count == 3 else {
            return nil
        }
        self.init(upTo: (CommitSequence(numbers[1]), CommitSequence(numbers[2])))
        self.part = part
        if numbers[0] > 0 { after = CommitSequence(numbers[0]) }
    }
}
