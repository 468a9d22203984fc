/// Records, inbound messages, and the answers to their senders.
extension Migration {
    static let v2 = Migration(
        version: 2,
        sql: """
            -- JSON objects that inbound events carry beside their data.
            ALTER TABLE event ADD COLUMN headers TEXT;
            ALTER TABLE event ADD COLUMN query TEXT;

            ALTER TABLE idempotency_key ADD COLUMN headers TEXT NOT NULL DEFAULT '{}';

            -- The last number of each prefix of keys.
            CREATE TABLE record_key (
                prefix TEXT PRIMARY KEY,
                last INTEGER NOT NULL
            ) STRICT;

            -- data is the record as the API shows it; the other columns repeat what rows are found by.
            CREATE TABLE record (
                seq INTEGER PRIMARY KEY,
                type TEXT NOT NULL CHECK (type IN ('ticket', 'change', 'problem', 'asset')),
                id TEXT NOT NULL UNIQUE,
                key TEXT NOT NULL UNIQUE,
                version INTEGER NOT NULL,
                data TEXT NOT NULL,
                status TEXT NOT NULL,
                is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
                priority TEXT,
                assignee TEXT,
                team_id TEXT,
                requester_email TEXT,
                external_key TEXT,
                sla_due_ms INTEGER,
                sla_breached_ms INTEGER,
                created_ms INTEGER NOT NULL,
                updated_ms INTEGER NOT NULL
            ) STRICT;
            CREATE INDEX record_list ON record (type, seq);
            CREATE INDEX record_status ON record (type, status, seq);
            CREATE INDEX record_external_key ON record (type, external_key, seq) WHERE external_key IS NOT NULL;
            CREATE INDEX record_requester ON record (type, requester_email, seq) WHERE requester_email IS NOT NULL;
            CREATE INDEX record_sla ON record (sla_due_ms)
                WHERE sla_due_ms IS NOT NULL AND sla_breached_ms IS NULL AND is_open = 1;
            CREATE INDEX record_open ON record (seq) WHERE type = 'ticket' AND is_open = 1;

            -- One row for each version of a record: what changed and who changed it.
            CREATE TABLE record_change (
                seq INTEGER PRIMARY KEY,
                record_seq INTEGER NOT NULL REFERENCES record (seq),
                version INTEGER NOT NULL,
                actor TEXT NOT NULL,
                changed TEXT NOT NULL,
                previous TEXT NOT NULL,
                at_ms INTEGER NOT NULL,
                UNIQUE (record_seq, version)
            ) STRICT;

            CREATE TABLE comment (
                seq INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                record_seq INTEGER NOT NULL REFERENCES record (seq),
                author TEXT,
                body TEXT NOT NULL,
                source TEXT NOT NULL,
                created_ms INTEGER NOT NULL
            ) STRICT;
            CREATE INDEX comment_record ON comment (record_seq, seq);

            -- The content lies beside the state, in a file that is named after its SHA-256.
            CREATE TABLE attachment (
                seq INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                record_seq INTEGER NOT NULL REFERENCES record (seq),
                comment_id TEXT,
                file_name TEXT NOT NULL,
                content_type TEXT NOT NULL,
                size INTEGER NOT NULL,
                sha256 TEXT NOT NULL,
                created_ms INTEGER NOT NULL
            ) STRICT;
            CREATE INDEX attachment_record ON attachment (record_seq, seq);
            CREATE INDEX attachment_content ON attachment (sha256);

            -- Messages of endpoints with a correlation, for the runs that wait for them.
            CREATE TABLE inbound_message (
                seq INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                endpoint TEXT NOT NULL,
                correlation_key TEXT NOT NULL,
                data TEXT NOT NULL,
                headers TEXT NOT NULL,
                received_ms INTEGER NOT NULL,
                expires_ms INTEGER NOT NULL
            ) STRICT;
            CREATE INDEX inbound_message_key ON inbound_message (endpoint, correlation_key, seq);
            CREATE INDEX inbound_message_age ON inbound_message (expires_ms);

            -- The answer to a message that has an id of its own, while a repetition is recognised.
            CREATE TABLE inbound_answer (
                endpoint TEXT NOT NULL,
                message_id TEXT NOT NULL,
                answer TEXT NOT NULL,
                expires_ms INTEGER NOT NULL,
                PRIMARY KEY (endpoint, message_id)
            ) STRICT;
            CREATE INDEX inbound_answer_age ON inbound_answer (expires_ms);

            -- Which ticket an e-mail belongs to, for the answers to it.
            CREATE TABLE mail_thread (
                message_id TEXT PRIMARY KEY,
                record_seq INTEGER NOT NULL REFERENCES record (seq)
            ) STRICT;

            -- One row: the policies that the due times of the open tickets were computed with.
            CREATE TABLE sla_state (
                id INTEGER PRIMARY KEY CHECK (id = 1),
                policies_digest TEXT NOT NULL
            ) STRICT;
            INSERT INTO sla_state (id, policies_digest) VALUES (1, '');
            """)
}
