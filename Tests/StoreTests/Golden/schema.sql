CREATE TABLE attempt (
    delivery_seq INTEGER NOT NULL REFERENCES delivery (seq) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    started_ms INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('delivered', 'retry', 'failed', 'exhausted')),
    status_code INTEGER,
    error_class TEXT,
    error TEXT,
    timing TEXT NOT NULL,
    headers TEXT,
    body BLOB,
    is_truncated INTEGER NOT NULL CHECK (is_truncated IN (0, 1)),
    PRIMARY KEY (delivery_seq, number)
) STRICT;

CREATE TABLE delivery (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    event_seq INTEGER NOT NULL REFERENCES event (seq),
    subscription TEXT NOT NULL,
    status TEXT NOT NULL
        CHECK (status IN ('pending', 'delivered', 'failed', 'exhausted', 'cancelled', 'expired')),
    lane INTEGER NOT NULL CHECK (lane IN (0, 1, 2)),
    next_attempt_ms INTEGER NOT NULL,
    backoff_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    budget_start INTEGER NOT NULL,
    was_delivered INTEGER NOT NULL DEFAULT 0 CHECK (was_delivered IN (0, 1)),
    body TEXT,
    order_key TEXT,
    created_ms INTEGER NOT NULL,
    finished_ms INTEGER
) STRICT;

CREATE INDEX delivery_due ON delivery (subscription, lane, next_attempt_ms, seq)
    WHERE status = 'pending';

CREATE INDEX delivery_event ON delivery (event_seq);

CREATE INDEX delivery_log ON delivery (subscription, seq);

CREATE INDEX delivery_order ON delivery (subscription, order_key, seq)
    WHERE status = 'pending' AND order_key IS NOT NULL;

CREATE INDEX delivery_status ON delivery (status, seq)
    WHERE status IN ('failed', 'exhausted', 'cancelled', 'expired');

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
) STRICT;

CREATE TABLE idempotency_key (
    caller TEXT NOT NULL,
    key TEXT NOT NULL,
    request_digest TEXT NOT NULL,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (caller, key)
) STRICT;

CREATE INDEX idempotency_key_age ON idempotency_key (created_ms);

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
) STRICT;

CREATE TABLE secret_status (
    name TEXT PRIMARY KEY,
    fingerprint TEXT,
    problem TEXT NOT NULL,
    changed_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    state_id TEXT NOT NULL,
    serial INTEGER NOT NULL,
    live_digest TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    clock_ms INTEGER NOT NULL
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
) STRICT;
