/// What a clock that was set back owes to runs.
extension Migration {
    static let v10 = Migration(
        version: 10,
        sql: """
            -- By how much the clock was set back, less what it was set forward since: time as runs see it never goes back.
            ALTER TABLE state ADD COLUMN clock_ahead_ms INTEGER NOT NULL DEFAULT 0 CHECK (clock_ahead_ms >= 0);
            """)
}
