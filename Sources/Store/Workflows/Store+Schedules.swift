import GRDB

/// The last time of a schedule that was dealt with.
package struct ScheduleMark: Sendable, Hashable {
    package var workflow: String
    /// The schedule's text and time zone; another text is another schedule.
    package var schedule: String

    package init(workflow: String, schedule: String) {
        self.workflow = workflow
        self.schedule = schedule
    }
}

extension Store {
    package func scheduleMarks() async throws -> [ScheduleMark: UnixTime] {
        try await read { database in
            Dictionary(
                uniqueKeysWithValues: try Row.fetchAll(database, sql: "SELECT * FROM workflow_schedule").map {
                    (
                        ScheduleMark(workflow: $0["workflow"], schedule: $0["schedule"]),
                        UnixTime(milliseconds: $0["last_ms"])
                    )
                })
        }
    }

    /// Replaces the schedules that are known: new ones count from now, absent ones are forgotten.
    package func configureSchedules(_ schedules: Set<ScheduleMark>, now: UnixTime) async throws {
        try await write { database in
            let known = try Row.fetchAll(database, sql: "SELECT workflow, schedule FROM workflow_schedule")
                .map {
                    ScheduleMark(workflow: $0["workflow"], schedule: $0["schedule"])
                }
            for mark in Set(known).subtracting(schedules) {
                try database.execute(
                    sql: "DELETE FROM workflow_schedule WHERE workflow = ? AND schedule = ?",
                    arguments: [mark.workflow, mark.schedule])
            }
            for mark in schedules.subtracting(known) {
                try database.execute(
                    sql: "INSERT INTO workflow_schedule (workflow, schedule, last_ms) VALUES (?, ?, ?)",
                    arguments: [mark.workflow, mark.schedule, now.milliseconds])
            }
        }
    }

    /// Passes over times that are too old to be caught up with.
    package func skipSchedule(_ mark: ScheduleMark, to time: UnixTime) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE workflow_schedule SET last_ms = ?3 WHERE workflow = ?1 AND schedule = ?2 AND last_ms < ?3
                    """, arguments: [mark.workflow, mark.schedule, time.milliseconds])
        }
    }

    /// Counts times from `time` on again, when the last one that was dealt with is `last` still.
    package func returnSchedule(_ mark: ScheduleMark, from last: UnixTime, to time: UnixTime) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE workflow_schedule SET last_ms = ?4 WHERE workflow = ?1 AND schedule = ?2 AND last_ms = ?3
                    """,
                arguments: [mark.workflow, mark.schedule, last.milliseconds, time.milliseconds])
        }
    }
}

extension Contribution {
    /// Marks a time of a schedule as dealt with; obstructed when it, or a later one, was already.
    package static func fire(_ mark: ScheduleMark, at time: UnixTime) -> Contribution {
        Contribution(
            unless: { transaction in
                let last = try Int64.fetchOne(
                    transaction.database,
                    sql: "SELECT last_ms FROM workflow_schedule WHERE workflow = ? AND schedule = ?",
                    arguments: [mark.workflow, mark.schedule])
                guard let last else { return .version }
                return last < time.milliseconds ? nil : .version
            },
            write: { transaction, _ in
                try transaction.database.execute(
                    sql: "UPDATE workflow_schedule SET last_ms = ? WHERE workflow = ? AND schedule = ?",
                    arguments: [time.milliseconds, mark.workflow, mark.schedule])
            })
    }
}
