import GRDB

/// The right to apply, for one process at a time, while it lasts.
///
/// It is taken before an apply and given back after it. One whose holder has died is free at once when the holder
/// ran on this host since the same boot, else when it has expired. One that is valid for much longer than a lease lasts
/// was taken before the clock was set back, and counts as expired: who still has it takes it again, or notices.
package struct Lease: Sendable, Equatable {
    /// Identifies the holder; a process that takes it twice gets the same lease.
    package struct Holder: Sendable, Equatable {
        package var owner: String
        package var host: String
        package var process: Int32
        /// Changes with every boot of the host (`/proc/sys/kernel/random/boot_id`).
        package var bootID: String

        package init(owner: String, host: String, process: Int32, bootID: String) {
            self.owner = owner
            self.host = host
            self.process = process
            self.bootID = bootID
        }
    }

    package let holder: Holder
    package let acquired: UnixTime
    package let heartbeat: UnixTime
    package let expires: UnixTime

    package init(holder: Holder, acquired: UnixTime, heartbeat: UnixTime, expires: UnixTime) {
        self.holder = holder
        self.acquired = acquired
        self.heartbeat = heartbeat
        self.expires = expires
    }

    /// How well its holder keeps it, seen from outside.
    package enum Condition: String, Sendable {
        case renewed
        /// Its holder should have renewed it; nobody may take it over yet, unless the holder is dead.
        case overdue
        /// The next apply takes it over.
        case expired
    }

    static let name = "apply"
    /// How long a holder may be silent.
    package static let duration = Duration.seconds(30)
    /// How often a holder renews it.
    package static let renewalInterval = duration / 3

    package func condition(now: UnixTime) -> Condition {
        if expires <= now || expires > now + Self.duration * 2 { return .expired }
        return now - heartbeat > Self.renewalInterval + Self.renewalInterval / 2 ? .overdue : .renewed
    }

    /// Who holds it, and what will become of it when its holder does not renew it.
    package func description(now: UnixTime) -> String {
        let holder =
            "\(holder.owner) on \(holder.host) (process \(holder.process)), since \(acquired), last heartbeat \(heartbeat)"
        return switch condition(now: now) {
        case .renewed: holder
        case .overdue:
            "\(holder); not renewed since \(heartbeat + Self.renewalInterval), another apply may take it over at \(expires)"
        case .expired where expires > now:
            "\(holder); the clock was set back since then: the next apply takes it over"
        case .expired: "\(holder); not renewed, and expired at \(expires): the next apply takes it over"
        }
    }

    func isHeld(_ database: Database) throws -> Bool {
        guard let current = try Lease.fetch(database) else { return false }
        return current.holder == holder
    }

    fileprivate static func fetch(_ database: Database) throws -> Lease? {
        let row = try Row.fetchOne(database, sql: "SELECT * FROM lease WHERE name = ?", arguments: [name])
        return row.map { row in
            Lease(
                holder: Holder(
                    owner: row["owner"], host: row["host"], process: row["process"], bootID: row["boot_id"]),
                acquired: UnixTime(milliseconds: row["acquired_ms"]),
                heartbeat: UnixTime(milliseconds: row["heartbeat_ms"]),
                expires: UnixTime(milliseconds: row["expires_ms"]))
        }
    }
}

extension Store {
    /// Takes the lease or renews it.
    ///
    /// - Parameter isAlive: whether a process id belongs to a running process of this host.
    /// - Throws: `StoreError.leaseHeld` naming the owner.
    package func takeLease(
        _ holder: Lease.Holder, now: UnixTime, isAlive: @escaping @Sendable (Int32) -> Bool
    ) async throws -> Lease {
        try await write { database in
            let current = try Lease.fetch(database)
            if let current, current.holder != holder {
                let isLocal = current.holder.host == holder.host && current.holder.bootID == holder.bootID
                let isDead = isLocal && !isAlive(current.holder.process)
                guard isDead || current.condition(now: now) == .expired else {
                    throw StoreError.leaseHeld(owner: current.description(now: now))
                }
            }
            let acquired = current?.holder == holder ? (current?.acquired ?? now) : now
            let lease = Lease(
                holder: holder, acquired: acquired, heartbeat: now, expires: now + Lease.duration)
            try database.execute(
                sql: """
                    INSERT INTO lease (name, owner, host, process, boot_id, acquired_ms, heartbeat_ms, expires_ms)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, host = excluded.host,
                        process = excluded.process, boot_id = excluded.boot_id, acquired_ms = excluded.acquired_ms,
                        heartbeat_ms = excluded.heartbeat_ms, expires_ms = excluded.expires_ms
                    """,
                arguments: [
                    Lease.name, holder.owner, holder.host, holder.process, holder.bootID,
                    lease.acquired.milliseconds,
                    lease.heartbeat.milliseconds, lease.expires.milliseconds,
                ])
            return lease
        }
    }

    /// Gives the lease back; nothing happens when somebody else has it by now.
    package func releaseLease(_ lease: Lease) async throws {
        try await write { database in
            guard try lease.isHeld(database) else { return }
            try database.execute(sql: "DELETE FROM lease WHERE name = ?", arguments: [Lease.name])
        }
    }

    /// Who holds the lease.
    package func lease() async throws -> Lease? { try await read(Lease.fetch) }
}
