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

CREATE INDEX attachment_content ON attachment (sha256);

CREATE INDEX attachment_record ON attachment (record_seq, seq);

CREATE TABLE "attempt" (
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

CREATE TABLE cancellation (
    subscription TEXT PRIMARY KEY,
    up_to_seq INTEGER NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE clock_gap (
    from_ms INTEGER PRIMARY KEY,
    to_ms INTEGER NOT NULL CHECK (to_ms > from_ms)
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

CREATE TABLE delivery (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    event_seq INTEGER NOT NULL REFERENCES event (seq),
    subscription TEXT NOT NULL,
    status TEXT NOT NULL
        CHECK (status = 'pending' OR status = 'delivered' OR status = 'failed' OR status = 'exhausted'
            OR status = 'cancelled' OR status = 'expired'),
    lane INTEGER NOT NULL CHECK (lane BETWEEN 0 AND 2),
    next_attempt_ms INTEGER NOT NULL,
    backoff_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    budget_start INTEGER NOT NULL,
    was_delivered INTEGER NOT NULL DEFAULT 0 CHECK (was_delivered IN (0, 1)),
    body TEXT,
    order_key TEXT,
    created_ms INTEGER NOT NULL,
    finished_ms INTEGER
, again_ms INTEGER) STRICT;

CREATE INDEX delivery_due ON delivery (subscription, lane, next_attempt_ms, seq)
    WHERE status = 'pending';

CREATE INDEX delivery_event ON delivery (event_seq);

CREATE INDEX delivery_log ON delivery (subscription, seq);

CREATE INDEX delivery_order ON delivery (subscription, order_key, seq)
    WHERE status = 'pending' AND order_key IS NOT NULL;

CREATE INDEX delivery_status ON delivery (status, seq) WHERE status <> 'pending' AND status <> 'delivered';

CREATE TABLE drift (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    count INTEGER NOT NULL,
    healed_ms INTEGER NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT;

CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    ts TEXT NOT NULL,
    data TEXT NOT NULL,
    changed TEXT,
    previous TEXT,
    source TEXT NOT NULL,
    accepted_ms INTEGER NOT NULL
, headers TEXT, query TEXT, chain TEXT) STRICT;

CREATE TABLE idempotency_key (
    caller TEXT NOT NULL,
    key TEXT NOT NULL,
    request_digest TEXT NOT NULL,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL,
    created_ms INTEGER NOT NULL, headers TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (caller, key)
) STRICT;

CREATE INDEX idempotency_key_age ON idempotency_key (created_ms);

CREATE TABLE inbound_answer (
    endpoint TEXT NOT NULL,
    message_id TEXT NOT NULL,
    answer TEXT NOT NULL,
    expires_ms INTEGER NOT NULL,
    PRIMARY KEY (endpoint, message_id)
) STRICT;

CREATE INDEX inbound_answer_age ON inbound_answer (expires_ms);

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

CREATE INDEX inbound_message_age ON inbound_message (expires_ms);

CREATE INDEX inbound_message_key ON inbound_message (endpoint, correlation_key, seq);

CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    host TEXT NOT NULL,
    process INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    acquired_ms INTEGER NOT NULL,
    heartbeat_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE mail_thread (
    message_id TEXT PRIMARY KEY,
    record_seq INTEGER NOT NULL REFERENCES record (seq)
) STRICT;

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

CREATE INDEX record_external_key ON record (type, external_key, seq) WHERE external_key IS NOT NULL;

CREATE TABLE record_key (
    prefix TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT;

CREATE INDEX record_list ON record (type, seq);

CREATE INDEX record_open ON record (seq) WHERE type = 'ticket' AND is_open = 1;

CREATE INDEX record_requester ON record (type, requester_email, seq) WHERE requester_email IS NOT NULL;

CREATE INDEX record_sla ON record (sla_due_ms)
    WHERE sla_due_ms IS NOT NULL AND sla_breached_ms IS NULL AND is_open = 1;

CREATE INDEX record_status ON record (type, status, seq);

CREATE TABLE resource (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    canonical TEXT NOT NULL,
    digest TEXT NOT NULL,
    is_protected INTEGER NOT NULL CHECK (is_protected IN (0, 1)),
    file TEXT NOT NULL,
    line INTEGER NOT NULL,
    commit_id TEXT NOT NULL,
    serial INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT;

CREATE INDEX resource_digest ON resource (digest);

CREATE TABLE resource_form (
    digest TEXT PRIMARY KEY,
    canonical TEXT NOT NULL
) STRICT;

CREATE TABLE retained_secret (
    name TEXT PRIMARY KEY,
    canonical TEXT NOT NULL
) STRICT;

CREATE TABLE revision (
    serial INTEGER PRIMARY KEY,
    commit_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    plan_digest TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    applied_by TEXT NOT NULL,
    applied_ms INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL
, has_changes INTEGER NOT NULL DEFAULT 0 CHECK (has_changes IN (0, 1)), result TEXT NOT NULL DEFAULT 'applied'
    CHECK (result IN ('applied', 'healed', 'rollback')), source TEXT NOT NULL DEFAULT '') STRICT;

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

CREATE TABLE secret_status (
    name TEXT PRIMARY KEY,
    fingerprint TEXT,
    problem TEXT NOT NULL,
    changed_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE sla_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    policies_digest TEXT NOT NULL
) STRICT;

CREATE TABLE state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    state_id TEXT NOT NULL,
    serial INTEGER NOT NULL,
    live_digest TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    clock_ms INTEGER NOT NULL
, drift_total INTEGER NOT NULL DEFAULT 0, clock_ahead_ms INTEGER NOT NULL DEFAULT 0 CHECK (clock_ahead_ms >= 0)) STRICT;

CREATE TABLE suspension (
    target TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    created_by TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    until_ms INTEGER,
    pinned_serial INTEGER
) STRICT;

CREATE TABLE sync (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    source TEXT NOT NULL,
    applied_commit TEXT NOT NULL,
    applied_subject TEXT NOT NULL,
    applied_ms INTEGER NOT NULL,
    noop_key TEXT NOT NULL,
    seen_commit TEXT NOT NULL,
    result TEXT NOT NULL CHECK (result IN ('never', 'synced', 'held', 'failed')),
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    attempt_ms INTEGER NOT NULL,
    success_ms INTEGER NOT NULL,
    failures INTEGER NOT NULL
, content_key TEXT NOT NULL DEFAULT '') STRICT;

CREATE TABLE workflow_dedupe (
    workflow TEXT NOT NULL,
    key TEXT NOT NULL,
    last_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    PRIMARY KEY (workflow, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX workflow_dedupe_age ON workflow_dedupe (expires_ms);

CREATE TABLE workflow_event (
    key TEXT NOT NULL,
    event_seq INTEGER NOT NULL REFERENCES event (seq) ON DELETE CASCADE,
    PRIMARY KEY (key, event_seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX workflow_event_seq ON workflow_event (event_seq);

CREATE TABLE workflow_journal (
    run_seq INTEGER NOT NULL REFERENCES workflow_run (seq) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (run_seq, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE workflow_rate (
    workflow TEXT PRIMARY KEY,
    next_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE workflow_revision (
    digest TEXT PRIMARY KEY,
    workflow TEXT NOT NULL,
    canonical TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE workflow_revision_secret (
    digest TEXT NOT NULL REFERENCES workflow_revision (digest) ON DELETE CASCADE,
    name TEXT NOT NULL,
    PRIMARY KEY (digest, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX workflow_revision_secret_name ON workflow_revision_secret (name);

CREATE TABLE workflow_run (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    workflow TEXT NOT NULL,
    digest TEXT NOT NULL REFERENCES workflow_revision (digest),
    status TEXT NOT NULL CHECK (status = 'queued' OR status = 'running' OR status = 'waiting' OR status = 'paused'
        OR status = 'succeeded' OR status = 'failed' OR status = 'cancelled' OR status = 'refused'),
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
, is_ending INTEGER NOT NULL DEFAULT 0 CHECK (is_ending IN (0, 1))) STRICT;

CREATE INDEX workflow_run_chain ON workflow_run (chain_root);

CREATE INDEX workflow_run_digest ON workflow_run (digest);

CREATE INDEX workflow_run_event ON workflow_run (event_seq);

CREATE INDEX workflow_run_finished ON workflow_run (finished_ms) WHERE finished_ms IS NOT NULL;

CREATE INDEX workflow_run_key ON workflow_run (workflow, concurrency_key, status, seq)
    WHERE finished_ms IS NULL AND concurrency_key IS NOT NULL;

CREATE INDEX workflow_run_open ON workflow_run (digest) WHERE finished_ms IS NULL;

CREATE INDEX workflow_run_parent ON workflow_run (parent_seq) WHERE parent_seq IS NOT NULL;

CREATE INDEX workflow_run_ready ON workflow_run (seq) WHERE is_ready = 1;

CREATE INDEX workflow_run_retry ON workflow_run (retry_of) WHERE retry_of IS NOT NULL;

CREATE INDEX workflow_run_status ON workflow_run (status, seq) WHERE status <> 'succeeded';

CREATE INDEX workflow_run_wake ON workflow_run (wake_ms) WHERE wake_ms IS NOT NULL;

CREATE INDEX workflow_run_workflow ON workflow_run (workflow, seq);

CREATE TABLE workflow_schedule (
    workflow TEXT NOT NULL,
    schedule TEXT NOT NULL,
    last_ms INTEGER NOT NULL,
    PRIMARY KEY (workflow, schedule)
) STRICT, WITHOUT ROWID;

CREATE TABLE workflow_taken (
    run_seq INTEGER NOT NULL REFERENCES workflow_run (seq) ON DELETE CASCADE,
    message_id TEXT NOT NULL,
    PRIMARY KEY (run_seq, message_id)
) STRICT, WITHOUT ROWID;

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
