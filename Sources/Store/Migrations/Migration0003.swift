/// What a rollback needs, who suspended what, and drift.
extension Migration {
    static let v3 = Migration(
        version: 3,
        sql: """
            -- The canonical form of everything that is live, or was in one of the revisions that are kept.
            CREATE TABLE resource_form (
                digest TEXT PRIMARY KEY,
                canonical TEXT NOT NULL
            ) STRICT;
            INSERT INTO resource_form (digest, canonical)
                SELECT digest, min(canonical) FROM resource GROUP BY digest;
            CREATE INDEX resource_digest ON resource (digest);

            -- What was live before each change of a revision, so that an earlier revision can be made again from the
            -- live one. digest is NULL for what was not live.
            CREATE TABLE revision_change (
                serial INTEGER NOT NULL,
                kind TEXT NOT NULL,
                name TEXT NOT NULL,
                digest TEXT,
                is_protected INTEGER NOT NULL CHECK (is_protected IN (0, 1)),
                file TEXT NOT NULL,
                line INTEGER NOT NULL,
                commit_id TEXT NOT NULL,
                PRIMARY KEY (serial, kind, name)
            ) STRICT;
            CREATE INDEX revision_change_digest ON revision_change (digest) WHERE digest IS NOT NULL;

            -- 0 for revisions of earlier versions, which did not keep what they changed.
            ALTER TABLE revision ADD COLUMN has_changes INTEGER NOT NULL DEFAULT 0 CHECK (has_changes IN (0, 1));
            ALTER TABLE revision ADD COLUMN result TEXT NOT NULL DEFAULT 'applied'
                CHECK (result IN ('applied', 'healed', 'rollback'));
            ALTER TABLE revision ADD COLUMN source TEXT NOT NULL DEFAULT '';

            -- What people have stopped. target: all, rollback (which pins a revision), or KIND/NAME.
            CREATE TABLE suspension (
                target TEXT PRIMARY KEY,
                reason TEXT NOT NULL,
                created_by TEXT NOT NULL,
                since_ms INTEGER NOT NULL,
                until_ms INTEGER,
                pinned_serial INTEGER
            ) STRICT;

            -- Resources that were changed outside of git: how often lately, and when they were last healed.
            CREATE TABLE drift (
                kind TEXT NOT NULL,
                name TEXT NOT NULL,
                count INTEGER NOT NULL,
                healed_ms INTEGER NOT NULL,
                PRIMARY KEY (kind, name)
            ) STRICT;
            ALTER TABLE state ADD COLUMN drift_total INTEGER NOT NULL DEFAULT 0;
            -- Which files are live; empty when that is not known.
            ALTER TABLE sync ADD COLUMN content_key TEXT NOT NULL DEFAULT '';
            """)
}
