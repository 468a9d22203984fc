/// What happened, as one transaction: events with what follows from them, and whatever else belongs to it.
///
/// It is made before the transaction, from a configuration and a state that may have moved on since. So everything that
/// it was made from is looked at again first; if one thing is no longer so, nothing is written and the fact has to be
/// made anew.
package struct Fact: Sendable {
    /// The configuration that the events were evaluated under.
    package var serial: Int64
    package var events: [FannedOutEvent]
    package var contributions: [Contribution]

    package init(serial: Int64, events: [FannedOutEvent] = [], contributions: [Contribution] = []) {
        self.serial = serial
        self.events = events
        self.contributions = contributions
    }
}

/// What a fact writes besides its events. The functions of the state's parts make them.
package struct Contribution: Sendable {
    /// What keeps the fact from being written; looked at before anything is.
    let obstacle: @Sendable (Transaction) throws -> Obstacle?
    /// Writes, after the events, which have their places in the order of commits by then.
    let write: @Sendable (Transaction, [AcceptedEvent]) throws -> Void

    init(
        unless obstacle: @escaping @Sendable (Transaction) throws -> Obstacle? = { _ in nil },
        write: @escaping @Sendable (Transaction, [AcceptedEvent]) throws -> Void
    ) {
        self.obstacle = obstacle
        self.write = write
    }
}

/// Why a fact was not written.
package enum Obstacle: Sendable, Equatable {
    /// Another configuration is live.
    case configuration
    /// The number that a key was made with is not the next one of its prefix; this is.
    case key(prefix: String, next: Int64)
    /// The record has changed since it was read.
    case version
    /// The run has gone on, or ended, since it was looked at.
    case run
    /// It has happened already; this was the answer.
    case repeated(StoredAnswer)
}

/// What became of a fact.
package enum FactResult: Sendable {
    /// Durable; these runs of workflows have something to do now, because of it.
    case written([AcceptedEvent], woken: [CommitSequence])
    /// Nothing was written.
    case obstructed(Obstacle)
}

/// An answer that is given again when its request comes again.
package struct StoredAnswer: Sendable, Equatable {
    /// SHA-256 of the request, lower-case hex; another request under the same key is a conflict.
    package var requestDigest: String
    package var status: Int
    /// Header fields that belong to the answer, such as `Location`.
    package var headers: [String: String]
    /// JSON text.
    package var body: String

    package init(requestDigest: String, status: Int, headers: [String: String] = [:], body: String) {
        self.requestDigest = requestDigest
        self.status = status
        self.headers = headers
        self.body = body
    }
}
