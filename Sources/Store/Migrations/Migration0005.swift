/// Cancellations that are still to be written to each delivery.
extension Migration {
    static let v5 = Migration(
        version: 5,
        sql: """
            -- The deliveries of a deleted subscription up to a sequence are cancelled from the moment when this row is
            -- there; their own rows follow in small transactions, because there may be a million.
            CREATE TABLE cancellation (
                subscription TEXT PRIMARY KEY,
                up_to_seq INTEGER NOT NULL,
                at_ms INTEGER NOT NULL
            ) STRICT;
            """)
}
