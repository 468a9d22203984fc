/// Since when deliveries wait that were sent again.
extension Migration {
    static let v11 = Migration(
        version: 11,
        sql: """
            -- When it was last made pending again; NULL when it never was.
            ALTER TABLE delivery ADD COLUMN again_ms INTEGER;
            """)
}
