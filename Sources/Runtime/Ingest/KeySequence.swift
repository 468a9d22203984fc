import Synchronization

/// Hands out the numbers of keys in the order in which the facts that use them are submitted.
///
/// A key has to be known before a fact's filters are evaluated, which happens before the transaction; yet keys have no
/// gaps and follow the order of commits. So numbers are guessed: taken, evaluated and submitted under one lock, which is
/// the order in which facts are written. The transaction checks the guess; where an earlier fact was not written after
/// all, the later ones are told the right number and come again.
final class KeySequence: Sendable {
    /// A number and the guess that it belongs to.
    struct Ticket: Sendable {
        let prefix: String
        let number: Int64
        fileprivate let epoch: Int
    }

    private struct Counter {
        var next: Int64 = 1
        /// Grows with every correction: a ticket of an earlier guess must not correct a later one.
        var epoch = 0
    }

    private let counters = Mutex<[String: Counter]>([:])

    /// Submits a fact with the next number of the prefix. The body must not wait; when it throws, the number is free.
    func withNext(_ prefix: String, _ submit: (Ticket) throws -> Void) throws {
        try counters.withLock { counters in
            var counter = counters[prefix] ?? Counter()
            // Taken before the submission: its completion may be there before this returns.
            let ticket = Ticket(prefix: prefix, number: counter.next, epoch: counter.epoch)
            try submit(ticket)
            counter.next += 1
            counters[prefix] = counter
        }
    }

    /// The transaction says that another number is the next one.
    func correct(_ ticket: Ticket, next: Int64) {
        counters.withLock { counters in
            guard var counter = counters[ticket.prefix], counter.epoch == ticket.epoch else { return }
            counter.next = next
            counter.epoch += 1
            counters[ticket.prefix] = counter
        }
    }

    /// A fact was not written. Its number is taken again if no later one is under way; those correct themselves.
    func giveBack(_ ticket: Ticket) {
        counters.withLock { counters in
            guard var counter = counters[ticket.prefix], counter.epoch == ticket.epoch,
                counter.next == ticket.number + 1
            else { return }
            counter.next = ticket.number
            counters[ticket.prefix] = counter
        }
    }
}
