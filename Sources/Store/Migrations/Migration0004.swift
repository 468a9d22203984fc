/// Workflow runs: what they were started by, what they have done, and what they wait for.
extension Migration {
    static let v4 = Migration(
        version: 4,
        sql: """
            -- Where an event comes from that a run caused: the root event and the runs on the way (JSON).
            ALTER TABLE event ADD COLUMN chain TEXT;

            -- A workflow as it was when a run began; kept while a run has it.
            CREATE TABLE workflow_revision (
                digest TEXT PRIMARY KEY,
                workflow TEXT NOT NULL,
                canonical TEXT NOT NULL,
                created_ms INTEGER NOT NULL
            ) STRICT;

            -- The secrets that a revision's requests need.
            CREATE TABLE workflow_revision_secret (
                digest TEXT NOT NULL REFERENCES workflow_revision (digest) ON DELETE CASCADE,
                name TEXT NOT NULL,
                PRIMARY KEY (digest, name)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX workflow_revision_secret_name ON workflow_revision_secret (name);

            -- References to secrets that were deleted while a run needed them.
            CREATE TABLE retained_secret (
                name TEXT PRIMARY KEY,
                canonical TEXT NOT NULL
            ) STRICT;

            -- is_ready: there is something to do that waits for nothing. wakes counts what made it ready from outside,
            -- so that a wake-up during a step is not lost. wake_ms: the earliest timer.
            CREATE TABLE workflow_run (
                seq INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                workflow TEXT NOT NULL,
                digest TEXT NOT NULL REFERENCES workflow_revision (digest),
                status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'waiting', 'paused', 'succeeded', 'failed',
                    'cancelled', 'refused')),
                event_seq INTEGER NOT NULL REFERENCES event (seq),
                start TEXT NOT NULL,
                record_id TEXT,
                chain_root TEXT NOT NULL,
                chain_depth INTEGER NOT NULL,
                concurrency_key TEXT,
                concurrency_limit INTEGER NOT NULL DEFAULT 1,
                parent_seq INTEGER,
                parent_step TEXT,
                parent_attempt INTEGER,
                retry_of TEXT,
                is_ready INTEGER NOT NULL CHECK (is_ready IN (0, 1)),
                wakes INTEGER NOT NULL DEFAULT 0,
                wake_ms INTEGER,
                command TEXT CHECK (command IN ('cancel', 'resume')),
                entries INTEGER NOT NULL DEFAULT 0,
                message_floor INTEGER NOT NULL,
                error TEXT,
                outputs TEXT,
                created_ms INTEGER NOT NULL,
                started_ms INTEGER,
                finished_ms INTEGER
            ) STRICT;
            CREATE INDEX workflow_run_ready ON workflow_run (seq) WHERE is_ready = 1;
            CREATE INDEX workflow_run_wake ON workflow_run (wake_ms) WHERE wake_ms IS NOT NULL;
            CREATE INDEX workflow_run_workflow ON workflow_run (workflow, seq);
            -- Succeeded ones, the many, stay out of it.
            CREATE INDEX workflow_run_status ON workflow_run (status, seq) WHERE status <> 'succeeded';
            CREATE INDEX workflow_run_event ON workflow_run (event_seq);
            CREATE INDEX workflow_run_chain ON workflow_run (chain_root);
            CREATE INDEX workflow_run_open ON workflow_run (digest) WHERE finished_ms IS NULL;
            CREATE INDEX workflow_run_digest ON workflow_run (digest);
            CREATE INDEX workflow_run_key ON workflow_run (workflow, concurrency_key, status, seq)
                WHERE finished_ms IS NULL AND concurrency_key IS NOT NULL;
            CREATE INDEX workflow_run_finished ON workflow_run (finished_ms) WHERE finished_ms IS NOT NULL;
            CREATE INDEX workflow_run_retry ON workflow_run (retry_of) WHERE retry_of IS NOT NULL;
            CREATE INDEX workflow_run_parent ON workflow_run (parent_seq) WHERE parent_seq IS NOT NULL;

            -- What happened in a run, in its order; the run's state is what these entries add up to.
            CREATE TABLE workflow_journal (
                run_seq INTEGER NOT NULL REFERENCES workflow_run (seq) ON DELETE CASCADE,
                number INTEGER NOT NULL,
                at_ms INTEGER NOT NULL,
                entry TEXT NOT NULL,
                PRIMARY KEY (run_seq, number)
            ) STRICT, WITHOUT ROWID;

            -- What a step waits for. source: inbound, with the endpoint as topic (`callbacks` for callback URLs), or
            -- event, with the pattern as topic. seen_seq: what was looked at and does not fit.
            CREATE TABLE workflow_wait (
                run_seq INTEGER NOT NULL REFERENCES workflow_run (seq) ON DELETE CASCADE,
                step TEXT NOT NULL,
                source TEXT NOT NULL CHECK (source IN ('inbound', 'event')),
                topic TEXT NOT NULL,
                key TEXT NOT NULL,
                seen_seq INTEGER NOT NULL,
                PRIMARY KEY (run_seq, step)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX workflow_wait_key ON workflow_wait (key, source, topic);

            -- Messages and events that have resumed a run.
            CREATE TABLE workflow_taken (
                run_seq INTEGER NOT NULL REFERENCES workflow_run (seq) ON DELETE CASCADE,
                message_id TEXT NOT NULL,
                PRIMARY KEY (run_seq, message_id)
            ) STRICT, WITHOUT ROWID;

            -- Events that a run may wait for, by the record that they are about.
            CREATE TABLE workflow_event (
                key TEXT NOT NULL,
                event_seq INTEGER NOT NULL REFERENCES event (seq) ON DELETE CASCADE,
                PRIMARY KEY (key, event_seq)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX workflow_event_seq ON workflow_event (event_seq);

            -- Keys of `dedupe` while they are remembered.
            CREATE TABLE workflow_dedupe (
                workflow TEXT NOT NULL,
                key TEXT NOT NULL,
                last_ms INTEGER NOT NULL,
                expires_ms INTEGER NOT NULL,
                PRIMARY KEY (workflow, key)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX workflow_dedupe_age ON workflow_dedupe (expires_ms);

            -- Until when the starts of a workflow with a `rateLimit` have used their share.
            CREATE TABLE workflow_rate (
                workflow TEXT PRIMARY KEY,
                next_ms INTEGER NOT NULL
            ) STRICT;

            -- The last time of each schedule that was dealt with.
            CREATE TABLE workflow_schedule (
                workflow TEXT NOT NULL,
                schedule TEXT NOT NULL,
                last_ms INTEGER NOT NULL,
                PRIMARY KEY (workflow, schedule)
            ) STRICT, WITHOUT ROWID;
            """)
}
