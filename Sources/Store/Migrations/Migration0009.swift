/// Which times do not count as age.
extension Migration {
    static let v9 = Migration(
        version: 9,
        sql: """
            -- Times in which nobody looked after the state: nothing ran, or the clock jumped over them.
            CREATE TABLE clock_gap (
                from_ms INTEGER PRIMARY KEY,
                to_ms INTEGER NOT NULL CHECK (to_ms > from_ms)
            ) STRICT;
            """)
}
