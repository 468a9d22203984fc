/// The tables of the hot paths, so that writing a row costs no more than the row.
extension Migration {
    static let v7 = Migration(
        version: 7,
        sql: """
            -- SQLite looks a value up in a list of more than two by filling a temporary b-tree, for every row that it
            -- checks; comparisons cost nothing. What is stored stays the same, so only the text of the table changes
            -- (sqlite.org/lang_altertable.html, section 8).
            PRAGMA writable_schema = ON;
            UPDATE sqlite_master SET sql = replace(replace(sql,
                'CHECK (status IN (''pending'', ''delivered'', ''failed'', ''exhausted'', ''cancelled'', ''expired''))',
                'CHECK (status = ''pending'' OR status = ''delivered'' OR status = ''failed'' OR status = ''exhausted''
                        OR status = ''cancelled'' OR status = ''expired'')'),
                'CHECK (lane IN (0, 1, 2))', 'CHECK (lane BETWEEN 0 AND 2)')
            WHERE type = 'table' AND name = 'delivery';
            PRAGMA writable_schema = RESET;

            -- The same holds for the condition of an index.
            DROP INDEX delivery_status;
            -- Delivered ones, the many, stay out of it.
            CREATE INDEX delivery_status ON delivery (status, seq) WHERE status <> 'pending' AND status <> 'delivered';

            -- One b-tree instead of two.
            CREATE TABLE attempt_by_delivery (
                delivery_seq INTEGER NOT NULL REFERENCES delivery (seq) ON DELETE CASCADE,
                number INTEGER NOT NULL,
                started_ms INTEGER NOT NULL,
                outcome TEXT NOT NULL
                    CHECK (outcome = 'delivered' OR outcome = 'retry' OR outcome = 'failed' OR outcome = 'exhausted'),
                status_code INTEGER,
                error_class TEXT,
                error TEXT,
                timing TEXT NOT NULL,
                headers TEXT,
                body BLOB,
                is_truncated INTEGER NOT NULL CHECK (is_truncated IN (0, 1)),
                PRIMARY KEY (delivery_seq, number)
            ) STRICT, WITHOUT ROWID;
            INSERT INTO attempt_by_delivery SELECT delivery_seq, number, started_ms, outcome, status_code, error_class,
                error, timing, headers, body, is_truncated FROM attempt;
            DROP TABLE attempt;
            ALTER TABLE attempt_by_delivery RENAME TO attempt;
            """)
}
