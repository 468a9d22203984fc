/// Which runs were asked to end already.
extension Migration {
    static let v6 = Migration(
        version: 6,
        sql: """
            -- 1 once somebody asked the run to end; asking again would cut off what it does in the end.
            ALTER TABLE workflow_run ADD COLUMN is_ending INTEGER NOT NULL DEFAULT 0 CHECK (is_ending IN (0, 1));
            """)
}
