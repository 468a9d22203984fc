import Synchronization

/// Hands out the numbers of keys in the order in which the facts that use them are submitted.
///
/// A key has to be known before a fact's filters are evaluated, which happens before the transaction; yet keys have no
/// gaps and follow the order of commits. So numbers are guessed: taken, evaluated and submitted under one lock, which is
/// the order in which facts are written. The transaction checks the guess; where an earlier fact was not written after
/// all, the later ones are told the right number and come again.
final class KeySequence: Sendable {
    /// Numbers and the guesses that they belong to, by prefix.
    struct Ticket: Sendable {
        fileprivate struct Share: Sendable {
            let first: Int64
            let count: Int64
            let epoch: Int
        }

        fileprivate var shares: [String: Share] = [:]

        /// The first number of each prefix.
        var numbers: [String: Int64] { shares.mapValues(\.first) }
    }

    private struct Counter {
        var next: Int64 = 1
        /// Grows with every correction: a ticket of an earlier guess must not correct a later one.
        var epoch = 0
    }

    private let counters = Mutex<[String: Counter]>([:])

    /// Submits a fact with the next numbers of some prefixes. The body must not wait; when it throws, the numbers are
    /// free.
    ///
    /// - Parameter counts: how many of each.
    func withNext(_ counts: [String: Int], _ submit: (Ticket) throws -> Void) throws {
        try counters.withLock { counters in
            var ticket = Ticket()
            for (prefix, count) in counts {
                let counter = counters[prefix] ?? Counter()
                ticket.shares[prefix] = .init(first: counter.next, count: Int64(count), epoch: counter.epoch)
            }
            try submit(ticket)
            for (prefix, share) in ticket.shares { counters[prefix, default: Counter()].next += share.count }
        }
    }

    /// The transaction says that another number is the next one of a prefix; those of the others are free again.
    func correct(_ ticket: Ticket, prefix: String, next: Int64) {
        counters.withLock { counters in
            for (other, share) in ticket.shares where other != prefix {
                giveBack(share, of: other, &counters)
            }
            guard let share = ticket.shares[prefix], var counter = counters[prefix],
                counter.epoch == share.epoch
            else { return }
            counter.next = next
            counter.epoch += 1
            counters[prefix] = counter
        }
    }

    /// A fact was not written. Its numbers are taken again if no later ones are under way; those correct themselves.
    func giveBack(_ ticket: Ticket) {
        counters.withLock { counters in
            for (prefix, share) in ticket.shares { giveBack(share, of: prefix, &counters) }
        }
    }

    private func giveBack(
        _ share: Ticket.Share, of prefix: String, _ counters: inout sending [String: Counter]
    ) {
        guard let counter = counters[prefix], counter.epoch == share.epoch,
            counter.next == share.first + share.count
        else { return }
        counters[prefix]?.next = share.first
    }
}
