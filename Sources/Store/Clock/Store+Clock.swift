import GRDB

/// What the state knows about time: when it was looked after last, and the gaps before that.
///
/// A gap is a time of more than a minute in which nobody looked after the state: the sidecar did not run, the machine
/// slept, or the clock was set forward. Nothing could be delivered in it, so it does not count as age.
extension Store {
    /// The time that runs have seen last: it goes on when the clock is set back, also over the end of a process.
    package func seenRunTime() async throws -> UnixTime {
        try await read {
            UnixTime(
                milliseconds: try Int64.fetchOne(
                    $0, sql: "SELECT clock_ms + clock_ahead_ms FROM state WHERE id = 1") ?? 0)
        }
    }

    /// How long may pass between two looks before it is a gap.
    package static let longestRound = Duration.seconds(60)

    /// Tells the state that it is looked after now; what passed since the last time is a gap when it is long.
    ///
    /// - Returns: the time of the last call, or of the creation. One that lies ahead of `now` means that the clock was set
    ///   back.
    package func advanceClock(to now: UnixTime) async throws -> UnixTime {
        try await write { database in
            let seen = UnixTime(
                milliseconds: try Int64.fetchOne(database, sql: "SELECT clock_ms FROM state WHERE id = 1")
                    ?? 0)
            try database.execute(
                sql: "UPDATE state SET clock_ms = ? WHERE id = 1", arguments: [now.milliseconds])
            if now < seen { try Self.takeGapsBack(from: now, database) }
            let jump = now - seen
            if jump > Self.longestRound || jump < .zero - Self.longestRound {
                try database.execute(
                    sql: "UPDATE state SET clock_ahead_ms = max(0, clock_ahead_ms - ?) WHERE id = 1",
                    arguments: [jump.milliseconds])
            }
            if jump > Self.longestRound {
                // One that began in the same millisecond, before the clock was set back, is replaced.
                try database.execute(
                    sql: "INSERT OR REPLACE INTO clock_gap (from_ms, to_ms) VALUES (?, ?)",
                    arguments: [seen.milliseconds, now.milliseconds])
            }
            return seen
        }
    }

    /// What lies ahead of a clock that was set back has not passed after all. Gaps are few: the table is looked through.
    private static func takeGapsBack(from now: UnixTime, _ database: Database) throws {
        try database.execute(
            sql: "DELETE FROM clock_gap WHERE from_ms >= ?", arguments: [now.milliseconds])
        try database.execute(
            sql: "UPDATE clock_gap SET to_ms = ?1 WHERE to_ms > ?1", arguments: [now.milliseconds])
    }

    /// The time before which everything is older than `age`, gaps not counted.
    package func cutoff(age: Duration, now: UnixTime) async throws -> UnixTime {
        try await read { database in
            var (cutoff, left) = (now, age)
            let gaps = try Row.fetchCursor(
                database, sql: "SELECT from_ms, to_ms FROM clock_gap ORDER BY from_ms DESC")
            while let gap = try gaps.next() {
                let run = cutoff - UnixTime(milliseconds: gap["to_ms"])
                if run >= left { break }
                left -= max(run, .zero)
                cutoff = min(cutoff, UnixTime(milliseconds: gap["from_ms"]))
            }
            return cutoff - left
        }
    }

    /// Forgets the gaps that ended before `time`.
    package func pruneClockGaps(before time: UnixTime) async throws {
        let isThere = try await read { database in
            try Bool.fetchOne(
                database, sql: "SELECT EXISTS (SELECT 1 FROM clock_gap WHERE to_ms < ?)",
                arguments: [time.milliseconds]) ?? false
        }
        guard isThere else { return }
        try await write { database in
            try database.execute(sql: "DELETE FROM clock_gap WHERE to_ms < ?", arguments: [time.milliseconds])
        }
    }
}
